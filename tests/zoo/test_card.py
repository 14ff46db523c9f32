"""Cards: what a reader must know, and a command that repeats the run."""

import shlex

from click.testing import CliRunner

from brnet.cli import main
from brnet.zoo.card import card, command


def test_the_card_states_rows_split_scores_and_doubt(result) -> None:
    report = result.report
    text = card(report, title="Alloys", source="computed", licence="MIT")
    for fact in (
        "# Alloys",
        f"{report.n_train:,} to train",
        f"{report.n_parameters:,} parameters",
        "| Licence of the data | MIT |",
        "meant to hold 90 % of values; held",
        f"{report.network.scores['mae']:.4g}",
    ):
        assert fact in text


def test_the_command_is_one_that_the_program_knows(result) -> None:
    words = shlex.split(command(result.report))
    assert words[:2] == ["brnet", "train"]
    done = CliRunner().invoke(main, [*words[1:], "--help"])
    assert done.exit_code == 0, done.output
    options = {word for word in words if word.startswith("--")}
    assert options <= set(shlex.split(done.output.replace("[", " ").replace("]", " ").replace("'", " ")))
