"""Verbs about networks: list the architectures, solve a budget, train on a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brnet.cli.command import Answer, command, make_folder, sentence
from brnet.cli.question import columns_of, features_of, features_option, question, read_file, reading_options
from brnet.errors import BrnetError, BudgetError, ExperimentError

if TYPE_CHECKING:
    from brnet.materials.properties import Quantity
    from brnet.materials.tables.table import Table
    from brnet.models.architecture import Architecture
    from brnet.training.events import Event
    from brnet.training.experiment import Experiment

MEANING = ("label", "unit", "lower", "upper", "log10")
EPOCHS_TOLD = 10  # one line of progress in so many


@command
@click.option("--inputs", default=231, show_default=True, type=click.IntRange(1), help="Numbers per formula.")
def architectures(inputs: int) -> Answer:
    """List the architectures with their parameters at a number of inputs."""
    from brnet.models.architecture import ARCHITECTURES, count_parameters

    rows = [
        {
            "name": name,
            "label": architecture.label,
            "layers": architecture.depth,
            "parameters": count_parameters(architecture, n_inputs=inputs),
            "source": architecture.source,
            "note": architecture.note,
        }
        for name, architecture in ARCHITECTURES.items()
    ]
    words = [f"{row['name']:<22}{row['parameters']:>12,}  {row['note']}" for row in rows]
    return rows, "\n".join([f"{'name':<22}{'parameters':>12}  at {inputs} inputs", *words])


@command
@click.option("--architecture", default="BRNet", show_default=True)
@click.option("--parameters", required=True, type=click.IntRange(1), help="Wanted number of parameters.")
@click.option("--inputs", default=231, show_default=True, type=click.IntRange(1), help="Numbers per formula.")
def budget(architecture: str, parameters: int, inputs: int) -> Answer:
    """Solve the widths of an architecture for a parameter budget."""
    from brnet.models.budget import size

    sized = size(_architecture(architecture), n_inputs=inputs, parameters=parameters)
    blocks = [{"width": block.width, "branches": block.branches} for block in sized.architecture.blocks]
    answer = {
        "architecture": architecture,
        "inputs": inputs,
        "wanted": parameters,
        "parameters": sized.n_parameters,
        "relative_error": sized.relative_error,
        "blocks": blocks,
    }
    layers = ", ".join(
        f"{block.width} × {'+'.join(map(str, block.branches))}" for block in sized.architecture.blocks
    )
    return answer, (
        f"{architecture} at {inputs} inputs: {sized.n_parameters:,} parameters "
        f"({sized.relative_error:+.2%} of {parameters:,}).\nWidth × layers (branches with +): {layers}."
    )


@command
@click.argument("table", type=click.Path(path_type=Path))
@reading_options
@features_option
@click.option("--architecture", default="BRNet", show_default=True)
@click.option("--parameters", default="200000", show_default=True, help="Budget, or 'published'.")
@click.option("--recipe", default="fast", show_default=True)
@click.option("--split", help="One that 'brnet inspect' lists; formula, or random where there are none.")
@click.option("--held-out", default="", help="Element, cluster or fold to test on, where the split asks.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1))
@click.option("--epochs", type=click.IntRange(1), help="At most so many epochs.")
@click.option("--baselines", default="all", show_default=True, help="'all', 'none' or names with commas.")
@click.option("--label", help="What the values are, such as 'band gap'.")
@click.option("--unit", help="Unit of the values.")
@click.option("--lower", type=float, help="Least value that physics allows.")
@click.option("--upper", type=float, help="Greatest value that physics allows.")
@click.option("--log10/--no-log10", default=None, help="Whether the column holds the decimal logarithm.")
@click.option("--title", default="", help="Title of the model card.")
@click.option("--source", default="", help="Where the table came from, for the card.")
@click.option("--licence", default="unknown", help="Licence of the data, for the card.")
@click.option("--threads", default=0, type=click.IntRange(0), help="CPU threads; 0 leaves it to torch.")
@click.option("--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "cuda"]))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the model.")
def train(table: Path, out: Path, threads: int, device: str, **options: Any) -> Answer:
    """Train one network on a table, compare it with classical models and keep the result."""
    read = read_file(table)
    experiment = _experiment(read, options)
    make_folder(out)
    # Only now torch, so that a table that cannot be read is refused at once.
    from brnet.training.conduct import conduct, save_result
    from brnet.training.events import Finished
    from brnet.zoo.card import card

    for event in conduct(experiment, read, device=device, threads=threads):
        _tell(event)
        if isinstance(event, Finished):
            finished = event
    save_result(finished, out)
    report = finished.report
    title = options["title"] or f"{experiment.quantity.label} of {table.stem}"
    text = card(report, title=title, source=options["source"], licence=options["licence"])
    (out / "card.md").write_text(text, encoding="utf-8")
    answer = {
        "out": str(out),
        "parameters": report.n_parameters,
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "seconds": report.seconds,
        "rows": {"train": report.n_train, "valid": report.n_valid, "test": report.n_test},
        "scores": {row.name: row.scores for row in report.rows},
        "stopped": report.stopped,
    }
    return answer, f"{report.stopped} {out} holds the model, its report and its card."


def score_words(scores: dict[str, float]) -> str:
    """'MAE 0.412, R² 0.91'."""
    from brnet.training.metrics import METRICS

    return ", ".join(f"{METRICS[name].label} {value:.4g}" for name, value in scores.items())


def _tell(event: "Event") -> None:
    """Progress, on stderr."""
    from brnet.training.events import EpochEnded, RowScored

    if isinstance(event, EpochEnded) and (event.epoch % EPOCHS_TOLD == 0 or event.epoch == event.epochs):
        click.echo(
            f"epoch {event.epoch}/{event.epochs}  train {event.train_loss:.4g}  "
            f"valid {event.valid_loss:.4g}  best {event.best_epoch}  {event.seconds:.1f} s",
            err=True,
        )
    elif isinstance(event, RowScored):
        click.echo(f"{event.row.name}: {score_words(event.row.scores) or event.row.error}", err=True)


def _architecture(name: str) -> "Architecture":
    from brnet.models.architecture import ARCHITECTURES

    if name not in ARCHITECTURES:
        raise ExperimentError(f"There is no architecture {name!r}; choose one of {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def _experiment(table: "Table", options: dict[str, Any]) -> "Experiment":
    from pydantic import ValidationError

    from brnet.materials.reading import Reading
    from brnet.models.baselines import BASELINES
    from brnet.training.experiment import Experiment

    asked = question(table, options)
    groups: dict[str, tuple[str, ...]] = {"all": tuple(BASELINES), "none": ()}
    same = ("architecture", "recipe", "held_out", "seed", "epochs")
    try:
        return Experiment(
            **{name: getattr(asked.reading, name) for name in Reading.model_fields},
            **{name: options[name] for name in same},
            dataset=table.content_hash,
            quantity=_quantity(asked.quantity, options),
            features=features_of(options, asked.reading),
            parameters=_budget(options["parameters"]),
            split=options["split"] or ("formula" if asked.reading.has_compositions else "random"),
            baselines=groups.get(options["baselines"]) or columns_of(options["baselines"]) or (),
        )
    except ValidationError as error:
        raise ExperimentError(sentence(error)) from error


def _quantity(guessed: "Quantity", options: dict[str, Any]) -> "Quantity":
    """What was guessed, with what was said. A label of one's own starts afresh: bounds and logarithm
    belong to the quantity that was guessed."""
    from pydantic import ValidationError

    from brnet.materials.properties import Quantity

    given = {name: options[name] for name in MEANING if options[name] is not None}
    try:
        return Quantity(**({} if "label" in given else guessed.model_dump()) | given)
    except ValidationError as error:
        raise BrnetError(sentence(error)) from error


def _budget(text: str) -> int | None:
    if text == "published":
        return None
    digits = text.replace("_", "").replace(",", "")
    if not digits.isdigit() or int(digits) == 0:
        raise BudgetError(f"The budget {text!r} is not a number of parameters; give one, or 'published'.")
    return int(digits)
