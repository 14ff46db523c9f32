"""The command line: the library's verbs, in words for people or in JSON for programs."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from brnet.errors import BrnetError, TableError

Json = dict[str, Any] | list[Any]


def _version() -> str:
    try:
        return version("brnet")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "from a checkout"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="brnet")
def main() -> None:
    """Branched residual networks for materials properties."""


def _command(function: Callable[..., tuple[Json, str]]) -> click.Command:
    """A verb that returns its answer twice: for programs (--json) and for people. Bad input exits with 2."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @wraps(function)
    def run(*, as_json: bool, **options: Any) -> None:
        try:
            answer, words = function(**options)
        except BrnetError as error:
            if as_json:
                click.echo(json.dumps({"error": str(error)}, ensure_ascii=False))
            click.echo(f"brnet: {error}", err=True)
            sys.exit(2)
        click.echo(json.dumps(answer, ensure_ascii=False, default=_plain) if as_json else words)

    return main.command()(run)


@_command
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--formula", "formula_column", help="Column of the formulas; guessed where not given.")
@click.option("--target", help="Column to learn; guessed where not given.")
@click.option("--features", default="ef,pa", show_default=True, help="Feature sets, separated by commas.")
def inspect(table: Path, formula_column: str | None, target: str | None, features: str) -> tuple[Json, str]:
    """Read a table and say what can be learned from it."""
    from brnet.materials.dataset import build_dataset
    from brnet.materials.guess import guess

    read, names = _read(table), _features(features)
    guessed = guess(read, formula_column=formula_column, target=target)
    formula_column, target, quantity = guessed.formula_column, guessed.target, guessed.quantity
    dataset = build_dataset(
        read, formula_column=formula_column, target=target, features=names, task=guessed.task
    )
    answer = {
        "table": table.name,
        "columns": list(read.frame.columns),
        "formula_column": formula_column,
        "target": target,
        "task": dataset.task,
        "classes": dataset.classes,
        "quantity": quantity.model_dump(),
        "rows_kept": len(dataset),
        "rows_dropped": len(dataset.dropped),
        "dropped": [asdict(row) for row in dataset.dropped],
        "notes": dataset.notes,
    }
    words = [
        f"{table.name}: {len(dataset):,} rows to learn from, {len(dataset.dropped):,} left out.",
        f"Formulas in {formula_column!r}, {dataset.task} of {target!r}, read as {quantity.axis}.",
        *(f"  line {row.line}: {row.reason}" for row in dataset.dropped[:20]),
        *(
            [f"  … and {len(dataset.dropped) - 20:,} more; --json lists all."]
            if len(dataset.dropped) > 20
            else []
        ),
        *(f"  note: {note}" for note in dataset.notes[:10]),
    ]
    return answer, "\n".join(words)


@_command
@click.option("--inputs", default=231, show_default=True, type=click.IntRange(1), help="Numbers per formula.")
def architectures(inputs: int) -> tuple[Json, str]:
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


@_command
@click.option("--architecture", default="BRNet", show_default=True)
@click.option("--parameters", required=True, type=click.IntRange(1), help="Wanted number of parameters.")
@click.option("--inputs", default=231, show_default=True, type=click.IntRange(1), help="Numbers per formula.")
def budget(architecture: str, parameters: int, inputs: int) -> tuple[Json, str]:
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


@_command
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--formula", "formula_column", help="Column of the formulas; guessed where not given.")
@click.option("--target", help="Column to learn; guessed where not given.")
@click.option("--architecture", default="BRNet", show_default=True)
@click.option("--parameters", default="200000", show_default=True, help="Budget, or 'published'.")
@click.option("--recipe", default="fast", show_default=True)
@click.option("--features", default="ef,pa", show_default=True, help="Feature sets, separated by commas.")
@click.option("--split", default="formula", show_default=True, help="formula, random, system or column.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1))
@click.option("--task", type=click.Choice(["regression", "classification"]), help="Guessed where not given.")
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
def train(table: Path, out: Path, threads: int, device: str, **options: Any) -> tuple[Json, str]:
    """Train one network on a table, compare it with classical models and keep the result."""
    from brnet.training.conduct import conduct, save_result
    from brnet.training.events import EpochEnded, Finished, RowScored
    from brnet.zoo.card import card

    read = _read(table)
    experiment = _experiment(table, read, options)
    _make_folder(out)
    for event in conduct(experiment, read, device=device, threads=threads):
        if isinstance(event, EpochEnded) and (event.epoch % 10 == 0 or event.epoch == event.epochs):
            click.echo(
                f"epoch {event.epoch}/{event.epochs}  train {event.train_loss:.4g}  "
                f"valid {event.valid_loss:.4g}  best {event.best_epoch}  {event.seconds:.1f} s",
                err=True,
            )
        elif isinstance(event, RowScored):
            click.echo(f"{event.row.name}: {_scores(event.row.scores) or event.row.error}", err=True)
        elif isinstance(event, Finished):
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


@_command
@click.argument("model")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--formula", "formula_column", help="Column of the formulas; the model's own where not given.")
@click.option("--target", help="Column to compare with; the model's own where not given.")
def evaluate(model: str, table: Path, formula_column: str | None, target: str | None) -> tuple[Json, str]:
    """Score a model (a name on the shelf or a folder) on the rows of a table."""
    from brnet.materials.dataset import build_dataset
    from brnet.materials.features import featurise
    from brnet.training.metrics import score
    from brnet.zoo.shelf import find, load, read_report

    predictor = load(model)
    folder = Path(model) if Path(model).is_dir() else find(model).folder
    experiment = read_report(folder).experiment
    dataset = build_dataset(
        _read(table),
        formula_column=formula_column or experiment.formula_column,
        target=target or experiment.target,
        features=predictor.features,
        task=predictor.task,
        classes=(predictor.classes[0], predictor.classes[1]) if predictor.classes else None,
    )
    predicted = predictor.raw(featurise(dataset.compositions, predictor.features))
    scores = score(predictor.task, dataset.values, predicted)
    answer = {"model": model, "rows": len(dataset), "rows_dropped": len(dataset.dropped), "scores": scores}
    return answer, f"{model} on {len(dataset):,} rows of {table.name}: {_scores(scores)}."


@_command
@click.option("--model", required=True, help="A name on the shelf or a folder written by 'brnet train'.")
@click.argument("formulas", nargs=-1, required=True)
def predict(model: str, formulas: tuple[str, ...]) -> tuple[Json, str]:
    """Ask a model about formulas."""
    from brnet.zoo.lookup import Answer, look_up
    from brnet.zoo.shelf import load

    def words(answer: Answer) -> str:
        if answer.error:
            return f"{answer.formula}: {answer.error}"
        remarks = " ".join([*answer.notes, answer.caution]).strip()
        if answer.probability is not None:
            value = f"{answer.text} (P({predictor.classes[1]}) = {answer.probability:.2f})"
        else:
            value = f"{answer.value:.4g} {answer.unit}".strip()
            if answer.low is not None and answer.high is not None:
                value += f"  [{answer.low:.4g}, {answer.high:.4g}]"
        return f"{answer.formula}: {value}" + (f"  ({remarks})" if remarks else "")

    predictor = load(model)
    answers = look_up(predictor, formulas)
    return [asdict(answer) for answer in answers], "\n".join(map(words, answers))


@_command
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("name")
def publish(folder: Path, name: str) -> tuple[Json, str]:
    """Put the model in a folder on the shelf, where the dashboard and the API find it."""
    from brnet.zoo import shelf

    shelf.publish(folder, name)
    return {"name": name}, f"{name} is on the shelf."


@_command
def models() -> tuple[Json, str]:
    """List the models on the shelf."""
    from brnet.zoo.shelf import shelf

    rows: list[dict[str, Any]] = [
        {
            "name": model.name,
            "title": model.title,
            "quantity": model.quantity.label,
            "unit": model.quantity.unit,
            "task": model.task,
            "pretrained": model.pretrained,
            "parameters": model.report.n_parameters,
            "scores": model.report.network.scores,
        }
        for model in shelf().values()
    ]
    words = [f"{row['name']:<24}{row['title']}  ({_scores(row['scores'])})" for row in rows]
    return rows, "\n".join(words) or "The shelf is empty; publish a finished run."


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Open the dashboard."""
    from brnet.zoo.shelf import app_file

    script = app_file()
    options = [f"--server.address={host}", f"--server.port={port}", "--server.headless=true"]
    os.chdir(script.parent)  # Streamlit reads its configuration from the folder it runs in
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(script), *options])


def _read(path: Path) -> Any:
    from brnet.materials.files import read_table

    try:
        return read_table(path.read_bytes(), name=path.name)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}.") from error


def _make_folder(path: Path) -> None:
    """Before the work, so that no result is lost for want of a place."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrnetError(f"The folder {path} cannot be made: {error.strerror}; name another.") from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _features(text: str) -> tuple[str, ...]:
    from brnet.errors import ExperimentError
    from brnet.materials.features import FEATURES

    names = _names(text)
    for name in names:
        if name not in FEATURES:
            raise ExperimentError(f"There is no feature set {name!r}; choose one of {', '.join(FEATURES)}.")
    return names


def _architecture(name: str) -> Any:
    from brnet.errors import ExperimentError
    from brnet.models.architecture import ARCHITECTURES

    if name not in ARCHITECTURES:
        raise ExperimentError(f"There is no architecture {name!r}; choose one of {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def _experiment(path: Path, table: Any, options: dict[str, Any]) -> Any:
    from brnet.materials.dataset import content_hash
    from brnet.materials.guess import guess
    from brnet.models.baselines import BASELINES
    from brnet.training.experiment import Experiment

    guessed = guess(table, formula_column=options["formula_column"], target=options["target"])
    groups: dict[str, tuple[str, ...]] = {"all": tuple(BASELINES), "none": ()}
    return Experiment(
        dataset=content_hash(path.read_bytes()),
        formula_column=guessed.formula_column,
        target=guessed.target,
        quantity=_quantity(guessed.quantity, options),
        task=options["task"] or guessed.task,
        features=_features(options["features"]),
        architecture=options["architecture"],
        parameters=_budget(options["parameters"]),
        recipe=options["recipe"],
        split=options["split"],
        seed=options["seed"],
        epochs=options["epochs"],
        baselines=groups.get(options["baselines"], _names(options["baselines"])),
    )


def _quantity(guessed: Any, options: dict[str, Any]) -> Any:
    """What was guessed, with what was said. A label of one's own starts afresh: bounds and logarithm
    belong to the quantity that was guessed."""
    from pydantic import ValidationError

    from brnet.materials.properties import Quantity

    given = {name: options[name] for name in ("label", "unit", "lower", "upper", "log10")}
    given = {name: value for name, value in given.items() if value is not None}
    try:
        return Quantity(**({} if "label" in given else guessed.model_dump()) | given)
    except ValidationError as error:
        raise BrnetError(str(error.errors()[0]["ctx"]["error"])) from error


def _budget(text: str) -> int | None:
    from brnet.errors import BudgetError

    if text == "published":
        return None
    digits = text.replace("_", "").replace(",", "")
    if not digits.isdigit() or int(digits) == 0:
        raise BudgetError(f"The budget {text!r} is not a number of parameters; give one, or 'published'.")
    return int(digits)


def _scores(scores: dict[str, float]) -> str:
    from brnet.training.metrics import METRICS

    return ", ".join(f"{METRICS[name].label} {value:.4g}" for name, value in scores.items())


def _plain(value: object) -> object:
    """What json cannot write by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
