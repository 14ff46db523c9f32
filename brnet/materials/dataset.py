"""A table cleaned into materials and values, with a line number and a reason for every row touched."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count

import numpy as np
import pandas as pd

from brnet.errors import FormulaError, TableError
from brnet.materials.classes import codes_of, guess_task, read_classes
from brnet.materials.cleaning import TouchedRow, merge_repeats, outliers
from brnet.materials.formulas.elements import SYMBOLS
from brnet.materials.formulas.formula import Composition, read_formulas
from brnet.materials.formulas.units import unit_of_header, without_units
from brnet.materials.inputs.features import FEATURES, unsupported
from brnet.materials.reading import Reading, Task
from brnet.materials.tables.columns import is_missing, label_of, to_numbers
from brnet.materials.tables.mixture import mix, mixture_notes
from brnet.materials.tables.numerals import number_text, uncertainty_note
from brnet.materials.tables.table import Table, spreadsheet_safe

SPLIT_NAMES = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2, "testing": 2}
SPLIT_WORDS = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Materials and what was measured of them.

    `formulas` (n) name the rows: as the table writes them, or 'line 12' where it has none; `compositions`
    is then empty. `values` is (n,) float64: the numbers of the target column, or 0 and 1 for the two
    `classes`. `own` (n, k) holds the texts of the further input columns. `lines` (n,) are line numbers in
    the file, `places` (n,) positions among all rows of the table, `table_values` what stood in each of
    those, NaN where nothing could be learned. `given_split` (n,) is 0, 1, 2 for train, validation and test
    where the table has a column named 'split', else None; `why_no_split` says why it is not followed.
    """

    name: str
    target: str
    task: Task
    formulas: tuple[str, ...]
    compositions: tuple[Composition, ...]
    values: np.ndarray
    own: pd.DataFrame
    lines: np.ndarray
    places: np.ndarray
    table_values: np.ndarray
    classes: tuple[str, ...] = ()
    given_split: np.ndarray | None = None
    why_no_split: str = ""
    touched: tuple[TouchedRow, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.formulas)

    @cached_property
    def dropped(self) -> tuple[TouchedRow, ...]:
        """The rows that are not learned from."""
        return tuple(row for row in self.touched if not row.kept)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what is learned from: the same rows, however the file wrote them, have the same."""
        return self.as_table().content_hash

    def as_table(self) -> Table:
        """The cleaned rows as a table that can be uploaded again."""
        cells: dict[str, Sequence[str]] = {}
        if self.compositions:
            cells[_free(("formula", "composition"), {self.target, *self.own.columns})] = self.formulas
        if self.classes:
            cells[self.target] = [self.classes[int(value)] for value in self.values]
        else:
            cells[self.target] = [number_text(value) for value in self.values.tolist()]
        cells |= {str(name): list(self.own[name]) for name in self.own.columns}
        if self.given_split is not None and "split" not in cells:
            cells["split"] = [SPLIT_WORDS[part] for part in self.given_split]
        return Table(name=self.name, frame=pd.DataFrame(cells, dtype=str))


def _free(names: Sequence[str], taken: Collection[str]) -> str:
    """The first of the names that is not taken, else the last with a number."""
    numbered = (f"{names[-1]} ({number})" for number in count(2))
    return next(name for name in chain(names, numbered) if name not in taken)


def build_dataset(
    table: Table,
    reading: Reading,
    *,
    features: Sequence[str] = ("ef", "pa"),
    classes: tuple[str, str] | None = None,
) -> Dataset:
    """The rows of a table that can be learned from, and what is to be said of the others.

    With `classes` the labels are those two, and other cells are left out; without, they are read from
    the column. Raises TableError where a column is missing or no row is left.
    """
    _check_columns(table, reading)
    lines = table.frame.index.to_numpy()
    formulas, readings = _materials(table, reading)
    target = _read_target(table, reading, classes)
    refused = _refused(formulas, readings, features, lines) | _valueless(formulas, target, lines)
    touched = [*refused.values(), *_ragged(table)]
    kept = np.setdiff1d(np.arange(len(lines)), np.fromiter(refused, dtype=int, count=len(refused)))
    if not len(kept):
        raise _nothing_left(table, touched)
    values = target.values[kept]
    given_split, why_no_split = _given_split(table, kept)
    if reading.has_compositions:
        own = table.frame[list(reading.own_columns)].iloc[kept]
        merged = merge_repeats(
            _groups([readings[place] for place in kept], own, given_split),
            values,
            how=reading.repeats,
            lines=lines[kept],
            formulas=[formulas[place] for place in kept],
            labels=target.classes,
        )
        kept, values = kept[merged.rows], merged.values
        given_split = None if given_split is None else given_split[merged.rows]
        touched += merged.touched
    names = [formulas[place] for place in kept]
    if not target.classes:
        touched += outliers(values, lines=lines[kept], formulas=names, target=reading.target)
    return Dataset(
        name=table.name,
        target=reading.target,
        task="classification" if target.classes else "regression",
        formulas=tuple(names),
        compositions=tuple(_compositions(readings, kept)),
        values=values,
        own=table.frame[list(reading.own_columns)].iloc[kept],
        lines=lines[kept],
        places=kept,
        table_values=target.values,
        classes=target.classes,
        given_split=given_split,
        why_no_split=why_no_split,
        touched=tuple(sorted(touched, key=lambda row: row.line)),
        notes=_table_notes(table, reading, target) + _reading_notes(lines, formulas, readings, kept),
    )


def touched_csv(touched: Sequence[TouchedRow]) -> bytes:
    """Rows with what was said of them as CSV; cells that a spreadsheet would run are quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "formula", "kept", "rule", "reason"])
    writer.writerows(
        [row.line, spreadsheet_safe(row.formula), "yes" if row.kept else "no", row.rule, row.reason]
        for row in touched
    )
    return text.getvalue().encode()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Target:
    """The column to learn: its cells, its values (n,), NaN where there is none, its classes."""

    cells: pd.Series
    values: np.ndarray
    classes: tuple[str, ...]


Readings = Sequence[Composition | FormulaError]


def _check_columns(table: Table, reading: Reading) -> None:
    named = [reading.target, *reading.own_columns]
    named += [reading.formula_column] if reading.formula_column else []
    named += reading.mixture.columns if reading.mixture else ()
    for column in named:
        if column not in table.frame.columns:
            known = ", ".join(map(repr, table.frame.columns[:10]))
            raise TableError(f"{table.name} has no column {column!r}; its columns are {known}.")
    if not reading.has_compositions and not reading.own_columns:
        raise TableError(
            f"Nothing of {table.name} is chosen to learn from; choose the column of formulas, columns of "
            "amounts or columns that are inputs themselves."
        )


def _materials(table: Table, reading: Reading) -> tuple[list[str], Readings]:
    """The name of each row and what its composition was read as; () where there are no compositions."""
    if reading.mixture:
        return mix(table.frame, reading.mixture)
    if reading.formula_column:
        formulas = table.frame[reading.formula_column].str.strip().tolist()
        unit = unit_of_header(reading.formula_column)
        readings = read_formulas(formulas, unit=unit)
        return [_with_unit(*row, unit) for row in zip(formulas, readings, strict=True)], readings
    return [f"line {line}" for line in table.frame.index], ()


def _with_unit(formula: str, reading: Composition | FormulaError, unit: str) -> str:
    """'Fe-18Cr' of a column in wt% as 'Fe-18Cr wt%', so that it can be read without its header."""
    if not unit or isinstance(reading, FormulaError) or without_units(formula)[1]:
        return formula
    in_percent = any(note.startswith(f"Read as {unit}") for note in reading.notes)
    return f"{formula.replace('%', '')} {unit}" if in_percent else formula


def _read_target(table: Table, reading: Reading, classes: tuple[str, str] | None) -> _Target:
    cells = table.frame[reading.target].str.strip()
    task = reading.task or ("classification" if classes else guess_task(cells))
    if task == "regression":
        return _Target(cells=cells, values=to_numbers(cells), classes=())
    labels = classes or read_classes(cells, table_name=table.name)
    return _Target(cells=cells, values=codes_of(cells, labels), classes=labels)


def _refused(
    formulas: Sequence[str], readings: Readings, features: Sequence[str], lines: np.ndarray
) -> dict[int, TouchedRow]:
    """Place -> why there is no composition that the features can describe."""
    allowed = frozenset(SYMBOLS).intersection(*(FEATURES[name].elements for name in features))
    found = {}
    for place, reading in enumerate(readings):
        if isinstance(reading, FormulaError):
            rule, reason = "formula", str(reading)
        elif all(symbol in allowed for symbol, _ in reading.amounts):
            continue
        else:
            rule, reason = "elements", unsupported(reading, features)
        found[place] = TouchedRow(line=int(lines[place]), formula=formulas[place], rule=rule, reason=reason)
    return found


def _valueless(formulas: Sequence[str], target: _Target, lines: np.ndarray) -> dict[int, TouchedRow]:
    """Place -> why there is no value to learn."""
    return {
        int(place): TouchedRow(
            line=int(lines[place]),
            formula=formulas[int(place)],
            rule="value",
            reason=_value_reason(target.cells.iloc[place], target),
        )
        for place in np.flatnonzero(~np.isfinite(target.values))
    }


def _value_reason(cell: str, target: _Target) -> str:
    column = target.cells.name
    if is_missing(cell):
        return f"The value in {column!r} is missing."
    if target.classes:
        first, second = target.classes
        return f"The value {cell[:40]!r} in {column!r} is neither {first!r} nor {second!r}."
    return f"The value {cell[:40]!r} in {column!r} is not a finite number."


def _ragged(table: Table) -> list[TouchedRow]:
    return [TouchedRow(line=line, formula="", rule="cells", reason=reason) for line, reason in table.ragged]


def _nothing_left(table: Table, touched: Sequence[TouchedRow]) -> TableError:
    first = min(touched, key=lambda row: row.line, default=None)
    why = f" (line {first.line}: {first.reason})" if first else ""
    return TableError(f"No row of {table.name} can be learned from{why}; check the two chosen columns.")


def _groups(readings: Readings, own: pd.DataFrame, given_split: np.ndarray | None) -> np.ndarray:
    """(n,) one number for all rows of one composition, equal further inputs and the same part."""
    keys = own.apply(label_of) if own.shape[1] else pd.DataFrame(index=own.index)
    keys.insert(0, "", [reading.reduced for reading in readings if isinstance(reading, Composition)])
    if given_split is not None:
        keys.insert(0, " ", given_split)
    return keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy()


def _compositions(readings: Readings, places: np.ndarray) -> list[Composition]:
    found = (readings[place] for place in places) if readings else ()
    return [reading for reading in found if isinstance(reading, Composition)]


def _given_split(table: Table, places: np.ndarray) -> tuple[np.ndarray | None, str]:
    """The parts that a column 'split' gives, or None and a sentence why there are none."""
    column = next((name for name in table.frame.columns if name.strip().lower() == "split"), None)
    if column is None:
        return None, (
            f"{table.name} has no column 'split' that says train, val or test in every row; "
            "add one or choose another split."
        )
    words = table.frame[column].str.strip().iloc[places]
    codes = words.str.lower().map(SPLIT_NAMES)
    if codes.isna().any():
        line = codes.index[codes.isna()][0]
        return None, (
            f"The column {column!r} of {table.name} says {words[line][:40]!r} on line {line}; "
            "write train, val or test there or choose another split."
        )
    for code, part in ((0, "training"), (2, "test")):
        if code not in set(codes):
            return None, (
                f"The column {column!r} of {table.name} has no {part} rows; "
                f"write {part.removesuffix('ing')} in some or choose another split."
            )
    return codes.to_numpy(dtype=int), ""


def _table_notes(table: Table, reading: Reading, target: _Target) -> tuple[str, ...]:
    """What holds for the whole table, first what was noticed when its file was read."""
    notes = table.notes + (mixture_notes(table.frame, reading.mixture) if reading.mixture else ())
    doubt = "" if target.classes else uncertainty_note(target.cells)
    return (*notes, doubt) if doubt else notes


def _reading_notes(
    lines: np.ndarray, formulas: Sequence[str], readings: Readings, places: np.ndarray
) -> tuple[str, ...]:
    noted = ((place, readings[place]) for place in places) if readings else ()
    return tuple(
        f"Line {lines[place]}, {formulas[place]}: {' '.join(reading.notes)}"
        for place, reading in noted
        if isinstance(reading, Composition) and reading.notes
    )
