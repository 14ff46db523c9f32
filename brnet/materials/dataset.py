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
from brnet.materials.columns import is_missing, label_of, labels_of, to_numbers, two_labels
from brnet.materials.features import unsupported
from brnet.materials.formula import Composition, read_formulas
from brnet.materials.table import Table

Task = Literal["regression", "classification"]

# Which of two labels is class 1, the one that is asked for; otherwise the second in alphabetical order.
# '1' follows '0' and '-1' in that order already.
POSITIVE = frozenset({"yes", "y", "true", "t", "positive", "metal", "+"})
NEGATIVE = frozenset({"-", "none"})
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
    test where the table has a column named 'split', else None; `why_no_split` says why it is not followed.
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
    why_no_split: str = ""
    dropped: tuple[DroppedRow, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.formulas)


def content_hash(data: bytes) -> str:
    """SHA-256 of the bytes, in hexadecimal: a dataset's name in the store."""
    return hashlib.sha256(data).hexdigest()


def guess_task(cells: pd.Series) -> Task:
    """Two labels, or only 0 and 1, are classes; anything else is a number to learn.

    A stray cell among twenty changes nothing, but a second number beside 0 and 1 does.
    """
    labels = labels_of(cells)
    found = two_labels(labels)
    if found is None:
        return "regression"
    numbers = np.isfinite(to_numbers(labels))
    if found == ("0", "1"):
        return "classification" if numbers.sum() - labels.isin(found).sum() <= 1 else "regression"
    text_only = not np.isfinite(to_numbers(pd.Series(found))).any()
    exact = labels.nunique() == 2 and not numbers.all()
    return "classification" if text_only or exact else "regression"


def build_dataset(
    table: Table,
    *,
    formula_column: str,
    target: str,
    features: Sequence[str] = ("ef", "pa"),
    task: Task | None = None,
    classes: tuple[str, str] | None = None,
) -> Dataset:
    """The rows of a table that can be learned from, and why the others cannot.

    With `classes` the labels are those two, and other cells are left out; without, they are read from
    the column.

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
    task = task or ("classification" if classes else guess_task(cells))
    labels: tuple[str, ...] = ()
    if task == "classification":
        labels = classes or _classes(cells, table.name, target)
    values = _codes(cells, labels) if labels else to_numbers(cells)
    reasons = [
        _formula_reason(reading, features) or _value_reason(cell, value, target, labels)
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
    given_split, why_no_split = _given_split(table, kept)
    compositions = [reading for reading, keep in zip(readings, kept, strict=True) if keep]
    return Dataset(
        name=table.name,
        target=target,
        task=task,
        formulas=tuple(np.array(formulas, dtype=object)[kept]),
        compositions=tuple(c for c in compositions if isinstance(c, Composition)),
        values=values[kept],
        lines=lines[kept],
        classes=labels,
        given_split=given_split,
        why_no_split=why_no_split,
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


def _classes(cells: pd.Series, table_name: str, target: str) -> tuple[str, str]:
    """The two labels of a column in their commonest spelling, the positive one last."""
    labels = labels_of(cells)
    found = two_labels(labels)
    if found is None:
        different = sorted(set(labels))
        shown = ", ".join(map(repr, different[:5]))
        raise TableError(
            f"Classes need exactly two labels; column {target!r} of {table_name} has "
            f"{len(different)} ({shown})."
        )
    first, second = found
    if (first in POSITIVE and second not in POSITIVE) or (second in NEGATIVE and first not in NEGATIVE):
        first, second = second, first
    return _spelling(cells, labels, first), _spelling(cells, labels, second)


def _spelling(cells: pd.Series, labels: pd.Series, label: str) -> str:
    if _is_number(label):
        return label
    return str(cells[labels.index][labels == label].str.strip().mode().iloc[0])


def _codes(cells: pd.Series, classes: Sequence[str]) -> np.ndarray:
    """0 and 1 for the two classes, NaN for other cells (n,)."""
    codes = dict(zip(label_of(pd.Series(classes)), (0.0, 1.0), strict=True))
    return label_of(cells).map(codes).to_numpy(dtype=float)


def _formula_reason(reading: Composition | FormulaError, features: Sequence[str]) -> str:
    return str(reading) if isinstance(reading, FormulaError) else unsupported(reading, features)


def _value_reason(cell: str, value: float, target: str, classes: Sequence[str]) -> str:
    if np.isfinite(value):
        return ""
    if is_missing(cell):
        return f"The value in {target!r} is missing."
    if classes:
        return f"The value {cell[:40]!r} in {target!r} is neither {classes[0]!r} nor {classes[1]!r}."
    return f"The value {cell[:40]!r} in {target!r} is not a finite number."


def _given_split(table: Table, kept: np.ndarray) -> tuple[np.ndarray | None, str]:
    """The parts that a column 'split' gives, or None and a sentence why there are none."""
    column = next((name for name in table.frame.columns if name.strip().lower() == "split"), None)
    if column is None:
        return None, (
            f"{table.name} has no column 'split' that says train, val or test in every row; "
            "add one or choose another split."
        )
    words = table.frame[column].str.strip()[kept]
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
