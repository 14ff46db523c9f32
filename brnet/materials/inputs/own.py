"""A table's own columns as inputs: numbers with their gaps filled, categories as zeros and ones."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, FiniteFloat

from brnet.errors import ExperimentError
from brnet.materials.tables.columns import (
    MISSING,
    NOT_A_TARGET,
    CellReading,
    count_cells,
    is_missing,
    is_number,
    label_of,
    labels_of,
    read_cells,
    rows_within,
    spread_rows,
    telling,
    to_numbers,
)

MOST_CATEGORIES = 50
"""Different values of a column of categories; each becomes an input."""

LARGEST = float(np.finfo(np.float32).max)
"""Larger numbers are infinite to a network, which counts in single precision: they count as missing."""

NUMBER_IN_A_DATABASE = re.compile(r"(icsd|cod|oqmd|aflow|mp|cas)([ _-]?(no|nr|number|code|entry))?\.?")

SAMPLED_ROWS = 20_000
"""Rows looked at, spread over the table, when usable columns are recognised."""

SAMPLED_CELLS = 200_000
"""Fewer rows of a table with many columns, where these say enough."""

COUNTED_CELLS = 10_000_000
"""Among all columns' cells in SAMPLED_ROWS rows, where a column's fewer rows say too little."""

LONGEST_CELL = 40
"""Characters of a cell that a note repeats."""


class NumberColumn(BaseModel):
    """A column of numbers. `fill`, the median of the training rows, stands where a cell holds no number."""

    model_config = ConfigDict(frozen=True)

    name: str
    fill: FiniteFloat
    flagged: bool
    """Whether training rows had gaps; then a further input is 1 where the number is missing."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} is missing") if self.flagged else (self.name,)


class CategoryColumn(BaseModel):
    """A column of labels. Each of `categories` becomes an input of zeros and ones; others give zeros."""

    model_config = ConfigDict(frozen=True)

    name: str
    categories: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {category}" for category in self.categories)


class Encoding(BaseModel):
    """How a table's own columns become inputs, as learned from training rows by `fit_encoding`."""

    model_config = ConfigDict(frozen=True)

    numbers: tuple[NumberColumn, ...] = ()
    categories: tuple[CategoryColumn, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the inputs: numbers, each with its flag, then categories."""
        groups = [column.columns for column in self.numbers] + [column.columns for column in self.categories]
        return tuple(name for group in groups for name in group)

    def encode(self, cells: pd.DataFrame) -> np.ndarray:
        """A frame of texts -> (n, len(columns)) float64. A column that it lacks is missing in every row."""
        result = np.zeros((len(cells), len(self.columns)))
        place = 0
        for number in self.numbers:
            values = _numbers(_texts(cells, number.name))
            gaps = np.isnan(values)
            result[:, place] = np.where(gaps, number.fill, values)
            if number.flagged:
                result[:, place + 1] = gaps
            place += len(number.columns)
        for category in self.categories:
            which = _which(_texts(cells, category.name), category)
            known = np.flatnonzero(which >= 0)
            result[known, place + which[known]] = 1
            place += len(category.columns)
        return result

    def notes(self, cells: pd.DataFrame) -> list[tuple[str, ...]]:
        """For each row of a frame of texts, a sentence for each cell that was filled in or not known."""
        rows: list[list[str]] = [[] for _ in range(len(cells))]
        for number in self.numbers:
            texts = _texts(cells, number.name)
            for row in np.flatnonzero(np.isnan(_numbers(texts))):
                why = _why(texts[row], "is no usable number")
                rows[row].append(f"{number.name} {why}: {number.fill:g}, the training median, was taken.")
        for category in self.categories:
            texts = _texts(cells, category.name)
            for row in np.flatnonzero(_which(texts, category) < 0):
                why = _why(texts[row], "was not among the training rows")
                rows[row].append(f"{category.name} {why}.")
        return [tuple(sentences) for sentences in rows]


def fit_encoding(cells: pd.DataFrame, *, numbers: Sequence[str], categories: Sequence[str]) -> Encoding:
    """The encoding of these columns, from a frame of texts that holds the training rows only.

    Raises ExperimentError where a column is lacking, empty, chosen twice or has too many categories.
    """
    chosen = Counter([*numbers, *categories])
    for name, times in chosen.items():
        if name not in cells.columns:
            raise ExperimentError(f"There is no column {name!r} in the table; choose one that it has.")
        if times > 1:
            raise ExperimentError(
                f"Column {name!r} is chosen twice; choose it once, as numbers or as categories."
            )
    encoding = Encoding(
        numbers=tuple(_fit_numbers(_texts(cells, name)) for name in numbers),
        categories=tuple(_fit_categories(_texts(cells, name)) for name in categories),
    )
    for column, times in Counter(encoding.columns).items():
        if times > 1:
            raise ExperimentError(f"Two inputs would be named {column!r}; rename one of their columns.")
    return encoding


def usable_columns(
    frame: pd.DataFrame, *, leave_out: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of numbers and those of categories that could be inputs, in the table's order.

    Identifiers, running numbers, constants and free text are left out, and the names in `leave_out`.
    """
    names = [name for name in frame.columns if name not in leave_out and not _is_identifier(name)]
    few = min(SAMPLED_ROWS, rows_within(SAMPLED_CELLS, frame))
    many = min(SAMPLED_ROWS, rows_within(COUNTED_CELLS, frame))
    counted = count_cells(frame, names, few=few, many=many)
    counts = {name: _texts_counted(cells) for name, cells in counted.items()}
    readings = read_cells(set().union(*counts.values()))
    larger = spread_rows(frame, many)
    numbers, categories = [], []
    for name in names:
        values = _values_counted(counts[name], readings)
        if _holds_numbers(values, counts[name], readings):
            if not (_are_running(values, len(frame)) and not _has_repeats(larger[name])):
                numbers.append(name)
        elif _holds_categories(counts[name], readings):
            categories.append(name)
    return tuple(numbers), tuple(categories)


def _is_identifier(name: str) -> bool:
    plain = name.strip().lower()
    return bool(NOT_A_TARGET.match(plain) or NUMBER_IN_A_DATABASE.fullmatch(plain))


def _texts_counted(cells: Counter[str]) -> Counter[str]:
    """Cells of a frame counted as `_texts` reads them."""
    counts: Counter[str] = Counter()
    for cell, times in cells.items():
        text = cell if isinstance(cell, str) else "" if pd.isna(cell) else str(cell)
        counts[text.strip()] += times
    return counts


def _texts(cells: pd.DataFrame, name: str) -> pd.Series:
    """The column as texts without spaces around, numbered from 0; empty texts where the frame lacks it."""
    if name not in cells.columns:
        return pd.Series([""] * len(cells), dtype=object, name=name)
    column = cells[name].reset_index(drop=True).astype(object)
    return column.where(column.notna(), "").astype(str).str.strip().astype(object)


def _numbers(texts: pd.Series) -> np.ndarray:
    """(n,) float64, NaN where the text is no number that can be counted with."""
    values = to_numbers(texts)
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def _which(texts: pd.Series, column: CategoryColumn) -> np.ndarray:
    """(n,) the place of each cell's label among the categories, −1 where it is none of them."""
    labels = label_of(pd.Series(column.categories, dtype=object))
    place_of = {label: place for place, label in enumerate(labels)}
    return np.array([place_of.get(label, -1) for label in label_of(texts)], dtype=np.intp)


def _fit_numbers(texts: pd.Series) -> NumberColumn:
    values = _numbers(texts)
    gaps = np.isnan(values)
    if gaps.all():
        raise ExperimentError(
            f"Column {texts.name!r} holds no number in the training rows; "
            "leave it out or use it as categories."
        )
    return NumberColumn(name=str(texts.name), fill=float(np.median(values[~gaps])), flagged=bool(gaps.any()))


def _fit_categories(texts: pd.Series) -> CategoryColumn:
    labels = labels_of(texts)
    counts = Counter(zip(labels, texts[labels.index], strict=True))
    by_frequency = sorted(counts, key=lambda found: (counts[found], found))
    spelling = dict(by_frequency)  # of several spellings of a label, the commonest comes last and stays
    if not spelling:
        raise ExperimentError(f"Column {texts.name!r} is empty in the training rows; leave it out.")
    if len(spelling) > MOST_CATEGORIES:
        raise ExperimentError(
            f"Column {texts.name!r} has {len(spelling):,} different values in the training rows, more than "
            f"{MOST_CATEGORIES} categories; leave it out or use it as numbers."
        )
    return CategoryColumn(
        name=str(texts.name), categories=tuple(spelling[label] for label in sorted(spelling))
    )


def _values_counted(counts: Counter[str], readings: Mapping[str, CellReading]) -> Counter[float]:
    """The numbers that can be counted with among counted texts."""
    values: Counter[float] = Counter()
    for text, times in counts.items():
        number, _ = readings[text]
        if abs(number) <= LARGEST:
            values[number] += times
    return values


def _holds_numbers(values: Counter[float], counts: Counter[str], readings: Mapping[str, CellReading]) -> bool:
    """At least half of the filled cells are numbers, not all equal."""
    n_filled = sum(times for text, times in counts.items() if readings[text][1] not in MISSING)
    return len(values) >= 2 and 2 * values.total() >= n_filled


def _are_running(values: Counter[float], n_rows: int) -> bool:
    """Whole numbers that all differ and lie no farther apart than the rows."""
    once = len(values) == values.total() and max(values) - min(values) < n_rows
    return once and all(value.is_integer() for value in values)


def _has_repeats(cells: pd.Series) -> bool:
    """Whether a number stands in two cells: a few rows of a long table can hold different ones by chance."""
    return any(times > 1 and is_number(str(cell)) for cell, times in Counter(cells.tolist()).items())


def _holds_categories(counts: Counter[str], readings: Mapping[str, CellReading]) -> bool:
    """Few labels, each on two rows or more on average."""
    labels: Counter[str] = Counter()
    for text, times in counts.items():
        labels[readings[text][1]] += times
    told = telling(labels)
    return 2 <= len(told) <= MOST_CATEGORIES and 2 * len(told) <= sum(labels[label] for label in told)


def _why(cell: str, otherwise: str) -> str:
    """'was missing', or the cell and what is wrong with it."""
    if is_missing(cell):
        return "was missing"
    plain = " ".join(cell.split())
    shown = plain if len(plain) <= LONGEST_CELL else f"{plain[: LONGEST_CELL - 1]}…"
    return f"{shown!r} {otherwise}"
