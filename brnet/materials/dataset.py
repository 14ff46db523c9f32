"""A table cleaned into formulas and values, with a line number and a reason for every row left out."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from brnet.errors import FormulaError, TableError
from brnet.materials.features import unsupported
from brnet.materials.formula import Composition, read_formulas
from brnet.materials.table import Table, is_missing, to_numbers

Task = Literal["regression", "classification"]

# Which of two labels is class 1, the one that is asked for; otherwise the second in alphabetical order.
POSITIVE = frozenset({"1", "1.0", "yes", "y", "true", "t", "positive", "metal"})
SPLIT_NAMES = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2, "testing": 2}


@dataclass(frozen=True, kw_only=True)
class DroppedRow:
    """A row that is not learned from. `line` is its line in the file."""

    line: int
    formula: str
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Formulas and what was measured of them.

    `values` is (n,) float64: the numbers of the target column, or 0 and 1 for the two `classes`.
    `lines` (n,) are line numbers in the file; `given_split` (n,) is 0, 1, 2 for train, validation and
    test where the table has a column named 'split', else None.
    """

    name: str
    target: str
    task: Task
    formulas: tuple[str, ...]
    compositions: tuple[Composition, ...]
    values: np.ndarray
    lines: np.ndarray
    classes: tuple[str, ...] = ()
    given_split: np.ndarray | None = None
    dropped: tuple[DroppedRow, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.formulas)


def content_hash(data: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal: a dataset's name in the store."""
    return hashlib.sha256(data).hexdigest()


def guess_task(cells: pd.Series) -> Task:
    """Two labels, or only 0 and 1, are classes; anything else is a number to learn."""
    filled = cells[~cells.map(is_missing)].str.strip()
    labels = filled.unique()
    numbers = to_numbers(pd.Series(labels, dtype=str))
    if np.isfinite(numbers).all():
        return "classification" if set(numbers.tolist()) == {0.0, 1.0} else "regression"
    return "classification" if len(labels) == 2 else "regression"


def build_dataset(
    table: Table,
    *,
    formula_column: str,
    target: str,
    features: Sequence[str] = ("ef", "pa"),
    task: Task | None = None,
) -> Dataset:
    """The rows of a table that can be learned from, and why the others cannot.

    Raises TableError where a column is missing or no row is left.
    """
    for column in (formula_column, target):
        if column not in table.frame.columns:
            known = ", ".join(map(repr, table.frame.columns[:10]))
            raise TableError(f"{table.name} has no column {column!r}; its columns are {known}.")
    formulas = [cell.strip() for cell in table.frame[formula_column]]
    lines = table.frame.index.to_numpy()
    readings = read_formulas(formulas)
    cells = table.frame[target].str.strip()
    task = task or guess_task(cells)
    values, classes = _values(cells, task, table.name, target)
    reasons = [
        _formula_reason(reading, features) or _value_reason(cell, value, target)
        for reading, cell, value in zip(readings, cells, values, strict=True)
    ]
    kept = np.array([not reason for reason in reasons])
    dropped = [
        DroppedRow(line=int(line), formula=formula, reason=reason)
        for line, formula, reason in zip(lines, formulas, reasons, strict=True)
        if reason
    ] + [DroppedRow(line=line, formula="", reason=reason) for line, reason in table.ragged]
    if not kept.any():
        first = f" (line {dropped[0].line}: {dropped[0].reason})" if dropped else ""
        raise TableError(f"No row of {table.name} can be learned from{first}; check the two chosen columns.")
    compositions = [reading for reading, keep in zip(readings, kept, strict=True) if keep]
    return Dataset(
        name=table.name,
        target=target,
        task=task,
        formulas=tuple(np.array(formulas, dtype=object)[kept]),
        compositions=tuple(c for c in compositions if isinstance(c, Composition)),
        values=values[kept],
        lines=lines[kept],
        classes=classes,
        given_split=_given_split(table.frame, kept),
        dropped=tuple(sorted(dropped, key=lambda row: row.line)),
        notes=table.notes + _reading_notes(lines, formulas, readings, kept),
    )


def dropped_csv(dataset: Dataset) -> bytes:
    """The rows left out as CSV: line, formula, reason; cells that a spreadsheet would run are quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "formula", "reason"])
    writer.writerows([row.line, spreadsheet_safe(row.formula), row.reason] for row in dataset.dropped)
    return text.getvalue().encode()


def spreadsheet_safe(cell: str) -> str:
    """A text that no spreadsheet takes for one of its own formulas: '=1+1' -> "'=1+1"."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _values(cells: pd.Series, task: Task, table_name: str, target: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if task == "regression":
        return to_numbers(cells), ()
    filled = cells[~cells.map(is_missing)]
    numbers = to_numbers(filled)
    labels = [f"{n:g}" for n in numbers] if np.isfinite(numbers).all() else list(filled)
    found = sorted(set(labels))
    if len(found) != 2:
        shown = ", ".join(map(repr, found[:5]))
        raise TableError(
            f"Classes need exactly two labels; column {target!r} of {table_name} has {len(found)} ({shown})."
        )
    if found[0].lower() in POSITIVE and found[1].lower() not in POSITIVE:
        found.reverse()
    codes = pd.Series(labels, index=filled.index).map({found[0]: 0.0, found[1]: 1.0})
    return codes.reindex(cells.index).to_numpy(dtype=float), (found[0], found[1])


def _formula_reason(reading: Composition | FormulaError, features: Sequence[str]) -> str:
    return str(reading) if isinstance(reading, FormulaError) else unsupported(reading, features)


def _value_reason(cell: str, value: float, target: str) -> str:
    if np.isfinite(value):
        return ""
    if is_missing(cell):
        return f"The value in {target!r} is missing."
    return f"The value {cell[:40]!r} in {target!r} is not a finite number."


def _given_split(frame: pd.DataFrame, kept: np.ndarray) -> np.ndarray | None:
    column = next((name for name in frame.columns if name.strip().lower() == "split"), None)
    if column is None:
        return None
    codes = frame[column].str.strip().str.lower().map(SPLIT_NAMES)[kept]
    if codes.isna().any() or not {0.0, 2.0} <= set(codes):
        return None
    return codes.to_numpy(dtype=int)


def _reading_notes(
    lines: np.ndarray,
    formulas: Sequence[str],
    readings: Sequence[Composition | FormulaError],
    kept: np.ndarray,
) -> tuple[str, ...]:
    return tuple(
        f"Line {line}, {formula}: {' '.join(reading.notes)}"
        for line, formula, reading, keep in zip(lines, formulas, readings, kept, strict=True)
        if keep and isinstance(reading, Composition) and reading.notes
    )
