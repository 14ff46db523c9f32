"""Composition tables: one column per element or oxide, in percent of atoms, weight or moles."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from brnet.errors import FormulaError, TableError
from brnet.materials.formulas.composition import SMALLEST_AMOUNT, Composition
from brnet.materials.formulas.units import Unit
from brnet.materials.formulas.weights import formula_weight
from brnet.materials.formulas.writing import written
from brnet.materials.tables.amounts import FARTHEST, Amounts, Component, component_of, read_amounts
from brnet.materials.tables.find_amounts import find_amounts

TOLD = 0.001
"""How far the amounts of a row may be from the whole without a note: a tenth of a percent, for rounding."""

LONGEST_LIST = 80
"""Signs of a refused row's cells that are shown in place of its formula."""


class Mixture(BaseModel):
    """Which columns of a table hold a composition, and in which unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[str, ...] = Field(description="Headers, each naming an element or a compound.")
    unit: Unit = Field(description="What the amounts are percent of, or fractions of 1.")
    balance: str = Field("", description="The element or compound that fills up to the whole; '' for none.")


def mix(frame: pd.DataFrame, mixture: Mixture) -> tuple[list[str], list[Composition | FormulaError]]:
    """Each row as a formula and as its composition, or the error that says why there is none.

    The formula's amounts have six digits, and the composition is what reading the formula gives: fractions
    of 1 from weights, else amounts as the table has them. Of a refused row the cells are shown.
    Raises TableError where the mixture does not fit the table.
    """
    recipe = _recipe(frame, mixture)
    amounts = read_amounts(frame, mixture.columns)
    filled = _filled(amounts, mixture, recipe)
    refused = _refused(filled, amounts, mixture)
    atoms = _atoms(filled.values, recipe, mixture.unit)
    atoms[list(refused)] = 0.0
    texts, compositions = written(atoms, recipe.elements)
    readings: list[Composition | FormulaError] = list(compositions)
    for row in np.flatnonzero(filled.is_off(by=TOLD)).tolist():
        note = f"The amounts sum to {filled.totals[row]:.6g}, not {filled.whole:g}; their proportions count."
        readings[row] = Composition(compositions[row].amounts, (note,))
    for (row, reason), cells in zip(refused.items(), _cells(frame, mixture, list(refused)), strict=True):
        texts[row], readings[row] = cells, FormulaError(reason)
    return texts, readings


def mixture_notes(frame: pd.DataFrame, mixture: Mixture) -> tuple[str, ...]:
    """What holds for the whole table: how the amounts are read, and where empty cells count as zero."""
    fill = f"; {mixture.balance} fills up what is missing" if mixture.balance else ""
    notes = [f"The amounts in {len(mixture.columns)} columns are read as {mixture.unit}{fill}."]
    blank = read_amounts(frame, mixture.columns).blank
    names = [
        repr(column)
        for place, column in enumerate(mixture.columns)
        if blank[:, place].any() and _name(column) != _name(mixture.balance)
    ]
    if names:
        more = f" and {len(names) - 5} more columns" if len(names) > 5 else ""
        notes.append(f"Empty cells in {', '.join(names[:5])}{more} count as zero.")
    return tuple(notes)


def guess_mixture(frame: pd.DataFrame, *, name: str = "") -> Mixture | None:
    """The columns of a table that together look like a composition; None where there are none.

    `frame` holds texts, `name` is the table's. `find_amounts` says what is looked for and which unit is taken
    where nothing names one.
    """
    found = find_amounts(frame, name=name)
    return Mixture(columns=found.columns, unit=found.unit, balance=found.balance) if found else None


class _Recipe(NamedTuple):
    """k components, what they are made of, and where the balance stands."""

    weights: np.ndarray  # (k,) grams per mole
    elements: tuple[str, ...]  # in the order in which a formula shows them
    counts: np.ndarray  # (k, n_elements) atoms
    balance: int | None  # the place of the component that fills up
    has_own_column: bool


class _Filled(NamedTuple):
    """Amounts with the balance filled in."""

    values: np.ndarray  # (n, k)
    totals: np.ndarray  # (n,) what the cells sum to
    n_fills: np.ndarray  # (n,) how many components were left open
    whole: float  # 100 or 1

    def is_off(self, *, by: float) -> np.ndarray:
        """Rows (n,) whose cells miss the whole by more than this share of it, or exceed it by so much."""
        over = self.totals / self.whole - 1
        return np.where(self.n_fills == 0, np.abs(over), over) > by * (1 + 1e-9)


def _recipe(frame: pd.DataFrame, mixture: Mixture) -> _Recipe:
    components = [_component(column, frame) for column in mixture.columns]
    if not components:
        raise TableError("A mixture needs columns of amounts; choose the columns of elements or oxides.")
    balance = component_of(mixture.balance)
    if mixture.balance and balance is None:
        raise TableError(f"The balance {mixture.balance!r} is neither an element nor a compound.")
    place = next((p for p, c in enumerate(components) if balance and c.name == balance.name), None)
    has_own_column = place is not None
    if balance and place is None:
        components.append(balance)
        place = len(components) - 1
    compound = next((c.name for c in components if c.composition.n_atoms != 1), None)
    if compound and mixture.unit == "at%":
        raise TableError(f"{compound!r} is a compound and at% counts atoms; choose mol% or wt%.")
    shown = _in_order(components if place is None else [components[place], *components])
    return _Recipe(
        weights=np.array([formula_weight(c.composition) for c in components]),
        elements=shown,
        counts=np.array([[dict(c.composition.amounts).get(s, 0.0) for s in shown] for c in components]),
        balance=place,
        has_own_column=has_own_column,
    )


def _in_order(components: Sequence[Component]) -> tuple[str, ...]:
    """The elements as a formula shows them: as the components stand, what ends compounds behind the rest."""
    written = [re.findall("[A-Z][a-z]?", component.name) for component in components]
    ends = [symbols[-1] for symbols in written if len(symbols) > 1]
    elements = dict.fromkeys(symbol for symbols in written for symbol in symbols)
    return tuple([s for s in elements if s not in ends] + [s for s in elements if s in ends])


def _component(column: str, frame: pd.DataFrame) -> Component:
    if column not in frame.columns:
        raise TableError(f"There is no column {column!r} of amounts in the table.")
    component = component_of(column)
    if component is None:
        raise TableError(f"The column {column!r} names neither an element nor a compound; leave it out.")
    return component


def _name(column: str) -> str:
    component = component_of(column)
    return component.name if component else ""


def _filled(amounts: Amounts, mixture: Mixture, recipe: _Recipe) -> _Filled:
    values, fills = amounts.values, amounts.balance
    if recipe.balance is not None and recipe.has_own_column:
        fills = fills.copy()
        fills[:, recipe.balance] |= amounts.blank[:, recipe.balance]
    elif recipe.balance is not None:
        values = np.column_stack([values, np.zeros(len(values))])
        fills = np.column_stack([fills, ~fills.any(axis=1)])
    totals = values.sum(axis=1)
    n_fills = fills.sum(axis=1)
    whole = _whole(totals[n_fills == 0], mixture.columns)
    rest = np.maximum(whole - totals, 0.0)
    return _Filled(np.where(fills, rest[:, None], values), totals, n_fills, whole)


def _refused(filled: _Filled, amounts: Amounts, mixture: Mixture) -> dict[int, str]:
    """Row -> why it is no composition."""
    refused: dict[int, str] = {}
    for row in np.flatnonzero(filled.is_off(by=FARTHEST)).tolist():
        total, whole = filled.totals[row], filled.whole
        refused[row] = (
            f"The amounts sum to {total:.6g}, which leaves nothing for the balance; correct one of them."
            if filled.n_fills[row]
            else f"The amounts sum to {total:.6g}, not to {whole:g}; correct them or choose what fills up."
        )
    for row in np.flatnonzero(filled.n_fills > 1).tolist():
        refused[row] = "More than one component is left open as the balance; write the others' amounts."
    for row in np.flatnonzero((amounts.blank | amounts.balance).all(axis=1)).tolist():
        refused[row] = "The row holds no amounts; fill them in."
    for row in np.flatnonzero(amounts.wrong.any(axis=1)).tolist():
        column = mixture.columns[int(np.argmax(amounts.wrong[row]))]
        refused[row] = f"The cell in {column!r} is no amount; write a number from 0 to {filled.whole:g}."
    return refused


def _whole(totals: np.ndarray, columns: Sequence[str]) -> float:
    """1 where rows without a balance (n,) sum to about 1 or headers speak of fractions, else 100."""
    if any("frac" in column.lower() for column in columns):
        return 1.0
    return 1.0 if len(totals) and abs(float(np.median(totals)) - 1) <= FARTHEST else 100.0


def _atoms(values: np.ndarray, recipe: _Recipe, unit: Unit) -> np.ndarray:
    """Amounts (n, k) of components -> atoms (n, n_elements); from weights they sum to 1."""
    moles = values / recipe.weights if unit == "wt%" else values
    atoms = moles @ recipe.counts
    if unit == "wt%":
        totals = atoms.sum(axis=1, keepdims=True)
        atoms = np.divide(atoms, totals, out=np.zeros_like(atoms), where=totals > 0)
    largest = atoms.max(axis=1, keepdims=True, initial=0.0)
    atoms[atoms < SMALLEST_AMOUNT * np.maximum(1.0, largest)] = 0.0
    return atoms


def _cells(frame: pd.DataFrame, mixture: Mixture, rows: list[int]) -> list[str]:
    """The filled cells of rows that are no composition: 'Fe 70, Cr x'."""
    names = [_name(column) for column in mixture.columns]
    shown = []
    for cells in frame[list(mixture.columns)].iloc[rows].fillna("").to_numpy():
        text = ", ".join(f"{n} {str(cell).strip()}" for n, cell in zip(names, cells, strict=True) if cell)
        shown.append(text if len(text) <= LONGEST_LIST else text[: LONGEST_LIST - 1] + "…")
    return shown
