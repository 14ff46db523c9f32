"""The cells of a composition table: the component that a header names, how much each row holds of it."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brnet.errors import FormulaError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.units import Unit, name_and_units
from brnet.materials.tables.columns import MISSING

BALANCE_WORDS = frozenset({"bal", "bal.", "balance", "rest", "remainder", "rem", "rem."})

FARTHEST = 0.05
"""How far the amounts of a row may be from the whole, as a share of it. Analyses leave traces out and err;
their proportions count. A row that is farther off lacks a component."""

# Headers that mean a number, a critical or melting temperature or a roughness more often than the element.
_QUANTITIES = frozenset({"No", "Tc", "Tm", "Ra", "At"})

_COMPOUND = re.compile(r"[A-Z][A-Za-z0-9().]*")
_SAYS_AMOUNT = re.compile(r"\s(?:content|concentration|amount)$", re.IGNORECASE)
_ABBREVIATION = re.compile(r"[A-Z]{2,}[0-9]{0,3}")  # HV, YS, KIC, HV10: hardness and strength, not H + V


@dataclass(frozen=True, kw_only=True)
class Component:
    """What a column counts: an element or a compound. Without a `unit`, its header gives none or several."""

    name: str
    composition: Composition
    unit: Unit | None
    doubtful: bool  # its header without a unit may well mean something else


@dataclass(frozen=True, kw_only=True, eq=False)
class Amounts:
    """n rows of k columns: `values` (n, k), 0 where a cell holds no number, and what it holds instead."""

    values: np.ndarray
    blank: np.ndarray  # (n, k) bool: nothing
    balance: np.ndarray  # (n, k) bool: the word balance
    wrong: np.ndarray  # (n, k) bool: anything else that is no amount

    def of(self, places: list[int]) -> "Amounts":
        """Some of the columns."""
        return Amounts(
            values=self.values[:, places],
            blank=self.blank[:, places],
            balance=self.balance[:, places],
            wrong=self.wrong[:, places],
        )


def component_of(header: str) -> Component | None:
    """'Cr (wt%)' -> chromium in wt%; None for a header that names neither an element nor a compound."""
    name, units = name_and_units(header)
    name = _SAYS_AMOUNT.sub("", name)
    unit = units[0] if len(units) == 1 else None
    if name in ATOMIC_NUMBER:
        doubtful = not units and name in _QUANTITIES
        return Component(name=name, composition=Composition(((name, 1.0),)), unit=unit, doubtful=doubtful)
    if not _COMPOUND.fullmatch(name):
        return None
    try:
        composition = read_formula(name)
    except FormulaError:
        return None
    if composition.notes or len(composition.elements) < 2:
        return None
    doubtful = not units and _ABBREVIATION.fullmatch(name) is not None
    return Component(name=name, composition=composition, unit=unit, doubtful=doubtful)


def read_amounts(frame: pd.DataFrame, columns: tuple[str, ...]) -> Amounts:
    """The cells of these columns as numbers."""
    values = np.zeros((len(frame), len(columns)))
    blank, balance, wrong = (np.zeros(values.shape, dtype=bool) for _ in range(3))
    for place, column in enumerate(columns):
        numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        rows = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        if len(rows):
            codes, different = pd.factorize(frame[column].iloc[rows].fillna(""))
            words = pd.Series(different, dtype=object).astype(str).str.strip().str.lower()
            percent = _percent(words)
            numbers[rows] = percent[codes]
            blank[rows, place] = words.isin(MISSING).to_numpy()[codes]
            balance[rows, place] = words.isin(BALANCE_WORDS).to_numpy()[codes]
            wrong[rows, place] = np.isnan(percent)[codes] & ~(blank | balance)[rows, place]
        values[:, place] = np.nan_to_num(numbers)
    return Amounts(values=values, blank=blank, balance=balance, wrong=wrong)


def _percent(words: pd.Series) -> np.ndarray:
    """'18 %' as 18, NaN for what is no amount with a percent sign (n,)."""
    signed = words.str.endswith("%")
    numbers = pd.to_numeric(words.str.removesuffix("%").where(signed), errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(numbers) & (numbers >= 0), numbers, np.nan)
