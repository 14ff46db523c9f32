"""How a table is read: what the options of a command say, and what the table itself announces otherwise."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from brnet.cli.command import sentence
from brnet.errors import ExperimentError, TableError

if TYPE_CHECKING:
    from brnet.materials.guess import Guess
    from brnet.materials.reading import Reading
    from brnet.materials.tables.mixture import Mixture
    from brnet.materials.tables.table import Table

NONE = "none"  # said of columns or features: deliberately nothing
# As in brnet.materials, which takes a second to load: too long for --help.
UNITS = ("at%", "wt%", "mol%")
REPEATS = ("all", "mean", "median", "lowest", "highest")
TASKS = ("regression", "classification")

Options = Mapping[str, Any]
Materials = tuple[str, "Mixture | None"]
Function = TypeVar("Function", bound=Callable[..., Any])

_MATERIALS = (
    click.option(
        "--formula", "formula_column", help="Column of the formulas; 'none' where there is none. Guessed."
    ),
    click.option(
        "--amounts", help="Columns of elements or oxides, with commas: 'Fe,Cr,Ni'; or 'none'. Guessed."
    ),
    click.option("--amounts-in", type=click.Choice(UNITS), help="What the amounts are in. Guessed."),
    click.option("--balance", help="What fills the amounts up to 100 and has no column: 'Fe'."),
)
_VALUES = (click.option("--target", help="Column to learn. Guessed."),)
_REPEATS = (
    click.option("--repeats", type=click.Choice(REPEATS), help="What becomes of equal compositions."),
)
_FURTHER = (
    click.option("--task", type=click.Choice(TASKS), help="Guessed."),
    click.option("--numbers", help="Columns of numbers that are inputs too, with commas; or 'none'."),
    click.option("--categories", help="Columns of categories that are inputs too, with commas; or 'none'."),
)


def materials_options(function: Function) -> Function:
    """Where the compositions of a table are."""
    return _with(function, _MATERIALS)


def rows_options(function: Function) -> Function:
    """Where compositions and values are, and what becomes of equal compositions."""
    return _with(function, _MATERIALS + _VALUES + _REPEATS)


def reading_options(function: Function) -> Function:
    """Everything that can be said of how a table is to be read."""
    return _with(function, _MATERIALS + _VALUES + _FURTHER + _REPEATS)


def features_option(function: Function) -> Function:
    """How compositions become numbers."""
    help_text = "Feature sets with commas, or 'none'; ef,pa where there are compositions."
    return click.option("--features", help=help_text)(function)


def read_file(path: Path) -> "Table":
    """The table in a file. Raises TableError."""
    from brnet.materials.tables.files import read_table

    try:
        return read_table(path.read_bytes(), name=path.name)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}.") from error


def question(table: "Table", options: Options) -> "Guess":
    """What the options ask of a table; what they leave open is guessed. Raises TableError."""
    from pydantic import ValidationError

    try:
        return _asked(table, options)
    except ValidationError as error:
        raise TableError(sentence(error)) from error


def reread(table: "Table", reading: "Reading", options: Options) -> "Reading":
    """The reading of another table, for this one; what the options say replaces it. Raises TableError."""
    from pydantic import ValidationError

    from brnet.materials.reading import Reading

    fields = {name: getattr(reading, name) for name in Reading.model_fields}
    fields |= {name: options[name] for name in ("target", "repeats") if options[name]}
    try:
        formula, mixture = materials(table, options, lambda: (reading.formula_column, reading.mixture))
        return Reading(**fields | {"formula_column": formula, "mixture": mixture})
    except ValidationError as error:
        raise TableError(sentence(error)) from error


def materials(table: "Table", options: Options, otherwise: Callable[[], "Materials"]) -> "Materials":
    """The column of formulas and the columns of amounts that the options name, or those of `otherwise()`.

    Raises TableError where a unit or a balance is said of no columns.
    """
    said, amounts = options["formula_column"], columns_of(options["amounts"])
    if amounts:
        return "" if said in (None, NONE) else said, _mixture(table, amounts, options)
    if said not in (None, NONE):
        return said, _corrected(None, options)
    formula, mixture = otherwise()
    if said == NONE and formula:
        formula, mixture = "", guessed_mixture(table)
    return formula, _corrected(None if amounts == () else mixture, options)


def guessed_materials(table: "Table") -> "Materials":
    """The column of formulas, else the columns of amounts that a table seems to have."""
    from brnet.materials.tables.columns import guess_formula_column

    formula = guess_formula_column(table)
    return formula, None if formula else guessed_mixture(table)


def guessed_mixture(table: "Table") -> "Mixture | None":
    from brnet.materials.tables.mixture import guess_mixture

    return guess_mixture(table.frame, name=table.name)


def features_of(options: Options, reading: "Reading") -> tuple[str, ...]:
    """The feature sets that were asked for. Raises ExperimentError for one that is not known."""
    from brnet.materials.inputs.features import FEATURES
    from brnet.training.experiment import Experiment

    if options["features"] is None:
        return Experiment.model_fields["features"].default if reading.has_compositions else ()
    names = columns_of(options["features"]) or ()
    for name in names:
        if name not in FEATURES:
            raise ExperimentError(f"There is no feature set {name!r}; choose one of {', '.join(FEATURES)}.")
    return names


def columns_of(line: str | None) -> tuple[str, ...] | None:
    """Names in a line of CSV, where one with a comma can be quoted; () for 'none', None for nothing said."""
    if line is None:
        return None
    if line.strip() == NONE:
        return ()
    fields = next(csv.reader([line.replace("\n", " ")], skipinitialspace=True), [])
    return tuple(name.strip() for name in fields if name.strip())


def _with(function: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


def _asked(table: "Table", options: Options) -> "Guess":
    from brnet.materials.guess import guess
    from brnet.materials.inputs.own import usable_columns
    from brnet.materials.reading import Reading

    numbers, categories = columns_of(options["numbers"]), columns_of(options["categories"]) or ()
    own = (*(numbers or ()), *categories)
    formula, mixture = materials(table, options, lambda: guessed_materials(table))
    mixture = _without(mixture, {options["target"], *own})
    inputs = (formula, *(mixture.columns if mixture else ()), *own)
    target = options["target"] or _free_target(table, inputs)
    # One input is enough to keep others from being looked for.
    guessed = guess(table, formula_column=next(filter(None, inputs), ""), target=target)
    if numbers is None and not formula and mixture is None:
        numbers, _ = usable_columns(table.frame, leave_out={target, *categories})
    reading = Reading(
        formula_column=formula,
        mixture=mixture,
        target=target,
        task=options["task"] or guessed.reading.task,
        numbers=numbers or (),
        categories=categories,
        repeats=options["repeats"] or "all",
    )
    return replace(guessed, reading=reading, doubt="" if options["formula_column"] else guessed.doubt)


def _free_target(table: "Table", inputs: Sequence[str]) -> str:
    """The first column that could be learned and is no input. Raises TableError where there is none."""
    from brnet.materials.tables.columns import guess_columns

    target = next((name for name in guess_columns(table).targets if name not in inputs), None)
    if target is None:
        raise TableError(
            f"{table.name} has no column of numbers or of two labels beside its inputs; "
            "add the values to learn."
        )
    return target


def _mixture(table: "Table", columns: Sequence[str], options: Options) -> "Mixture":
    """The amounts that were named, in the unit that was said or that their headers or sums announce."""
    from brnet.materials.tables.mixture import Mixture

    missing = next((name for name in columns if name not in table.frame.columns), None)
    if missing is not None:
        known = ", ".join(map(repr, table.frame.columns[:10]))
        raise TableError(f"{table.name} has no column {missing!r}; its columns are {known}.")
    guessed = guessed_mixture(replace(table, frame=table.frame[list(columns)]))
    unit = options["amounts_in"] or (guessed.unit if guessed else None)
    if unit is None:
        raise TableError(
            f"{table.name} does not say what its amounts are in; "
            f"add --amounts-in with one of {', '.join(UNITS)}."
        )
    bare = Mixture(columns=tuple(columns), unit=unit, balance=guessed.balance if guessed else "")
    return _corrected(bare, options) or bare


def _corrected(mixture: "Mixture | None", options: Options) -> "Mixture | None":
    """Amounts with the unit and the balance that were said. Raises TableError where there are none."""
    from brnet.materials.tables.mixture import Mixture

    said = {"unit": options["amounts_in"], "balance": options["balance"]}
    said = {name: "" if word == NONE else word for name, word in said.items() if word}
    if said and mixture is None:
        raise TableError(
            "--amounts-in and --balance say what columns of amounts hold, and none are chosen; "
            "name them with --amounts."
        )
    return Mixture(**mixture.model_dump() | said) if mixture else None


def _without(mixture: "Mixture | None", taken: set[str]) -> "Mixture | None":
    """Amounts that were guessed, less the columns that were given another role."""
    if mixture is None or taken.isdisjoint(mixture.columns):
        return mixture
    left = tuple(name for name in mixture.columns if name not in taken)
    return mixture.model_copy(update={"columns": left}) if left else None
