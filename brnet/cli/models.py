"""Verbs about trained models: score one on a table, ask it, put it on the shelf, list the shelf."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brnet.cli.command import Answer, Json, command, write
from brnet.cli.question import (
    Materials,
    materials,
    materials_options,
    read_file,
    reread,
    rows_options,
)
from brnet.cli.train import score_words
from brnet.errors import BrnetError, TableError

if TYPE_CHECKING:
    import pandas as pd

    from brnet.materials.tables.mixture import Mixture
    from brnet.materials.tables.table import Table
    from brnet.models.predictor import Predictor
    from brnet.training.experiment import Experiment
    from brnet.zoo.lookup import Answer as Said

UNNAMED = "these values"  # what a model is asked about that sees no composition


@command
@click.argument("model")
@click.argument("table", type=click.Path(path_type=Path))
@rows_options
def evaluate(model: str, table: Path, **options: Any) -> Answer:
    """Score a model (a name on the shelf or a folder) on the rows of a table.

    The table is read as the model's own was, unless an option says otherwise.
    """
    from brnet.materials.dataset import build_dataset
    from brnet.materials.inputs.features import featurise
    from brnet.materials.profile import overlap
    from brnet.models.predictor import beside
    from brnet.training.metrics import score
    from brnet.zoo.shelf import load

    predictor = load(model)
    read = read_file(table)
    dataset = build_dataset(
        read,
        reread(read, _experiment(model), options),
        features=predictor.features,
        classes=(predictor.classes[0], predictor.classes[1]) if predictor.classes else None,
    )
    described = featurise(dataset.compositions, predictor.features) if predictor.features else None
    x = beside(described, predictor.own.encode(dataset.own))
    scores = score(predictor.task, dataset.values, predictor.raw(x))
    answer = {
        "model": model,
        "rows": len(dataset),
        "rows_dropped": len(dataset.dropped),
        "rows_learned": int(overlap(dataset, predictor.learned).sum()),
        "scores": scores,
    }
    known = (
        f" The model has learned from {answer['rows_learned']:,} of them." if answer["rows_learned"] else ""
    )
    return answer, f"{model} on {len(dataset):,} rows of {table.name}: {score_words(scores)}.{known}"


@command
@click.option("--model", required=True, help="A name on the shelf or a folder written by 'brnet train'.")
@click.argument("formulas", nargs=-1)
@click.option("--set", "given", multiple=True, help="A value of the model's own columns: 'temperature=300'.")
@click.option("--table", type=click.Path(path_type=Path), help="Answer every row of a table instead.")
@materials_options
@click.option("--out", type=click.Path(path_type=Path), help="File for the table with its answers.")
def predict(
    model: str,
    formulas: tuple[str, ...],
    given: tuple[str, ...],
    table: Path | None,
    out: Path | None,
    **options: Any,
) -> Answer:
    """Ask a model about formulas, or about every row of a table."""
    from brnet.zoo.shelf import load

    predictor = load(model)
    own = _own_values(predictor, model, given)
    if table is not None:
        if formulas:
            raise BrnetError("Both formulas and --table are given; ask about one of them at a time.")
        return _table_answers(model, predictor, read_file(table), own, options, out)
    if out or any(options.values()):
        raise BrnetError("--out and the columns of a table go with --table; name the table too.")
    if not formulas and not (own and not predictor.features):
        raise BrnetError(f"{model} is asked about nothing; give formulas{_or_values(predictor)} or --table.")
    return _answers(predictor, formulas or (UNNAMED,), own)


@command
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("name")
def publish(folder: Path, name: str) -> Answer:
    """Put the model in a folder on the shelf, where the dashboard and the API find it."""
    from brnet.zoo import shelf

    shelf.publish(folder, name)
    return {"name": name}, f"{name} is on the shelf."


@command
def models() -> Answer:
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
    words = [f"{row['name']:<24}{row['title']}  ({score_words(row['scores'])})" for row in rows]
    return rows, "\n".join(words) or "The shelf is empty; publish a finished run."


def _experiment(model: str) -> "Experiment":
    """The question that a model answers."""
    from brnet.zoo.shelf import find, read_report

    return read_report(Path(model) if Path(model).is_dir() else find(model).folder).experiment


def _own_columns(predictor: "Predictor") -> tuple[str, ...]:
    """The columns of a table that a model looks at beside the composition."""
    own = predictor.own
    return tuple(column.name for column in own.numbers) + tuple(column.name for column in own.categories)


def _or_values(predictor: "Predictor") -> str:
    return " or --set" if _own_columns(predictor) and not predictor.features else ""


def _own_values(predictor: "Predictor", model: str, given: Sequence[str]) -> dict[str, str]:
    """Column -> text of each 'column=text'. Raises BrnetError for another column."""
    columns = _own_columns(predictor)
    own: dict[str, str] = {}
    for words in given:
        # The longest name first: a column's name may hold a '='.
        name = next((c for c in sorted(columns, key=len, reverse=True) if words.startswith(f"{c}=")), None)
        if name is None:
            asks = (
                f"its columns are {', '.join(map(repr, columns))}" if columns else "it looks at formulas only"
            )
            raise BrnetError(f"{words!r} sets no column of {model}; {asks}.")
        own[name] = words.removeprefix(f"{name}=").strip()
    return own


def _answers(predictor: "Predictor", formulas: Sequence[str], own: dict[str, str]) -> Answer:
    import pandas as pd

    from brnet.zoo.lookup import look_up

    cells = pd.DataFrame([own] * len(formulas), dtype=str) if own else None
    answers = look_up(predictor, formulas, cells)
    return [asdict(said) for said in answers], "\n".join(_words(said, predictor) for said in answers)


def _words(said: "Said", predictor: "Predictor") -> str:
    if said.error:
        return f"{said.formula}: {said.error}"
    again = "The model has learned from this composition." if said.learned else ""
    remarks = " ".join([*said.notes, said.caution, again]).strip()
    if said.probability is not None:
        value = f"{said.text} (P({predictor.classes[1]}) = {said.probability:.2f})"
    else:
        value = f"{said.value:.4g} {said.unit}".strip()
        if said.low is not None and said.high is not None:
            value += f"  [{said.low:.4g}, {said.high:.4g}]"
    return f"{said.formula}: {value}" + (f"  ({remarks})" if remarks else "")


def _table_answers(
    model: str,
    predictor: "Predictor",
    table: "Table",
    own: dict[str, str],
    options: dict[str, Any],
    out: Path | None,
) -> Answer:
    """The table with its answers beside it: in a file, or as CSV on the screen."""
    from brnet.views.tables import csv_bytes
    from brnet.zoo.lookup import answer_table

    table = _with_values(table, own)
    answered = answer_table(table.frame, _materials(model, predictor, table, options), predictor, model=model)
    refused = int((answered.iloc[:, -1] != "").sum())
    if out is None:
        return _records(answered), csv_bytes(answered).decode().rstrip("\n")
    write(out, csv_bytes(answered))
    counts = {"out": str(out), "rows": len(answered), "refused": refused}
    return counts, f"{out} holds {len(answered):,} rows with their answers, {refused:,} of them refused."


def _with_values(table: "Table", own: dict[str, str]) -> "Table":
    """The table with columns of one value each. Raises TableError where it has one of them already."""
    twice = next((name for name in own if name in table.frame.columns), None)
    if twice is not None:
        raise TableError(
            f"{table.name} has a column {twice!r} of its own; leave --set out or rename the column."
        )
    return replace(table, frame=table.frame.assign(**own)) if own else table


def _materials(
    model: str, predictor: "Predictor", table: "Table", options: dict[str, Any]
) -> "str | Mixture":
    """Where a table's compositions are: as the options say, as in the model's own table, else as guessed."""
    if not predictor.features:
        return ""
    formula, mixture = materials(table, options, lambda: _own_or_guessed_materials(model, table))
    if not formula and not mixture:
        raise TableError(
            f"{table.name} has neither formulas nor amounts that {model} could answer for; "
            "name their columns with --formula or --amounts."
        )
    return mixture or formula


def _own_or_guessed_materials(model: str, table: "Table") -> "Materials":
    """The columns of the model's own table where this one has them all, else what is guessed."""
    from brnet.zoo.lookup import find_materials

    found = find_materials(table, _experiment(model))
    return (found, None) if isinstance(found, str) else ("", found)


def _records(answered: "pd.DataFrame") -> Json:
    """One object a row; what is not known is null."""
    return answered.astype(object).where(answered.notna(), None).to_dict("records")
