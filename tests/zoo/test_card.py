"""Cards: what a reader must know, and a command that repeats the run."""

import shlex
from itertools import pairwise

from click.testing import CliRunner

from brnet.cli import main
from brnet.materials.tables.mixture import Mixture
from brnet.training.report import Report
from brnet.zoo.card import card, command


def asking(report: Report, **changed: object) -> Report:
    """The report of an experiment that differs in these fields."""
    asked = report.experiment.model_copy(update=changed)
    return report.model_copy(update={"experiment": asked})


def options(report: Report) -> dict[str, str]:
    """Option -> what the command says after it."""
    words = shlex.split(command(report))
    return {word: after for word, after in pairwise(words) if word.startswith("--")}


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


def test_the_command_names_amounts_and_further_inputs(result) -> None:
    report = asking(
        result.report,
        formula_column="",
        mixture=Mixture(columns=("Cr", "Ni, total"), unit="wt%", balance="Fe"),
        numbers=("T",),
        repeats="mean",
    )
    said = options(report)
    assert "--formula" not in said
    assert (said["--amounts"], said["--amounts-in"], said["--balance"]) == ('Cr,"Ni, total"', "wt%", "Fe")
    assert (said["--numbers"], said["--categories"], said["--repeats"]) == ("T", "none", "mean")


def test_the_command_says_that_there_are_no_compositions(result) -> None:
    said = options(asking(result.report, formula_column="", numbers=("T",), features=()))
    assert (said["--formula"], said["--amounts"], said["--features"]) == ("none", "none", "none")


def test_card_and_command_name_what_is_held_out(result) -> None:
    report = asking(result.report, split="element", held_out="Fe")
    assert options(report)["--held-out"] == "Fe"
    assert "| Split | element Fe, seed 0:" in card(report, title="Alloys")


def test_the_card_says_what_the_values_are_predicted_from(result) -> None:
    columns = asking(result.report, numbers=("T",), categories=("route",))
    assert "from its formula and the columns 'T' and 'route'." in card(columns, title="Alloys")
    alone = asking(result.report, formula_column="", numbers=("T",), features=())
    assert "from the column 'T'." in card(alone, title="Alloys")
