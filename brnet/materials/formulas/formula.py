"""Chemical formulas: text in, a composition with notes out, or one sentence saying what cannot be read."""

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from brnet.errors import FormulaError
from brnet.materials.formulas.alloy import as_percent, read_percent
from brnet.materials.formulas.careful import LARGEST_AMOUNT, OXIDATION_STATE, read_carefully
from brnet.materials.formulas.composition import SMALLEST_AMOUNT, Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.refusals import left_by_spreadsheet, refuse_impossible
from brnet.materials.formulas.units import Unit, unit_of_header
from brnet.settings import settings

__all__ = ["Composition", "Unit", "read_formula", "read_formulas", "unit_of_header"]


MANY = 10_000  # texts that take long enough for the garbage collector to matter


def read_formula(text: str, unit: str = "") -> Composition:
    """Read 'Fe2O3', 'Ca(OH)2', 'CuSO4·5H2O', 'Li₀.₅CoO₂', '(SO4)2-', 'Fe-18Cr-8Ni wt%' …

    `unit` is what the column's header says of texts that say nothing themselves: there 'Fe-18Cr-8Ni' is an
    alloy in that unit, and in a column in wt% so is 'Cu60Zr40'.
    Raises FormulaError: one sentence with the part that cannot be read.
    """
    return (unit != "wt%" and _read_plain(text)) or _read_slowly(text, unit)


def read_formulas(texts: Sequence[str], unit: str = "") -> list[Composition | FormulaError]:
    """Read each text; where one cannot be read, its error stands in its place. Raises nothing."""
    with _uncollected(len(texts)):
        return [_composition_or_error(text, unit) for text in texts]


# The common forms: elements and single round brackets with amounts above zero, nothing else. Each repeat
# begins with a capital or a bracket and every quantifier is possessive, so matching takes linear time.
_AMOUNT = r"(?:[1-9][0-9]*+(?:\.[0-9]++)?+|0\.0*+[1-9][0-9]*+)?+"
_ITEMS = rf"(?:[A-Z][a-z]?+{_AMOUNT})++"
_PLAIN = re.compile(_ITEMS)
_PLAIN_ITEM = re.compile(r"([A-Z][a-z]?)([0-9.]*)")
_BRACKETED = re.compile(rf"(?:{_ITEMS}|\({_ITEMS}\){_AMOUNT})++")
_BRACKETED_ITEM = re.compile(r"([A-Za-z0-9.]+)|\(([A-Za-z0-9.]+)\)([0-9.]*)")


@contextmanager
def _uncollected(n_texts: int) -> Iterator[None]:
    """Without the garbage collector, which finds nothing among compositions and takes half of the time."""
    pause = n_texts >= MANY and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def _composition_or_error(text: str, unit: str) -> Composition | FormulaError:
    try:
        return (unit != "wt%" and _read_plain(text)) or _read_slowly(text, unit)
    except FormulaError as error:
        return error


def _read_plain(text: str) -> Composition | None:
    """The common forms, fast; None where the careful reader has to look."""
    if not isinstance(text, str) or len(text) > settings().max_formula_length:
        return None
    if "." in text and text.endswith("H2O"):
        return None
    amounts: dict[str, float] = {}
    if _PLAIN.fullmatch(text):
        known = _add_plain(amounts, text, 1.0)
    elif _BRACKETED.fullmatch(text) and not OXIDATION_STATE.search(text):
        known = all(
            _add_plain(amounts, outside or inside, float(times or 1.0))
            for outside, inside, times in _BRACKETED_ITEM.findall(text)
        )
    else:
        return None
    if not known:
        return None
    largest, smallest = max(amounts.values()), min(amounts.values())
    if largest > LARGEST_AMOUNT or smallest < SMALLEST_AMOUNT or smallest < SMALLEST_AMOUNT * largest:
        return None
    return Composition(tuple(sorted(amounts.items(), key=_atomic_number)))


def _add_plain(amounts: dict[str, float], items: str, times: float) -> bool:
    """Add 'Fe2O3' times so much; False where a symbol is no element."""
    for symbol, number in _PLAIN_ITEM.findall(items):
        if symbol not in ATOMIC_NUMBER:
            return False
        amount = float(number) * times if number else times
        amounts[symbol] = amounts[symbol] + amount if symbol in amounts else amount
    return True


def _read_slowly(text: str, unit: str) -> Composition:
    """Percent, then formulas read with care; what cannot be read may be what a spreadsheet left."""
    refuse_impossible(text)
    try:
        composition = read_percent(text, unit)
        if composition:
            return composition
        composition = _read_plain(text) or read_carefully(text)
        return as_percent(composition, unit) if unit == "wt%" else composition
    except FormulaError:
        reason = left_by_spreadsheet(text)
        if reason:
            raise FormulaError(reason) from None
        raise


def _atomic_number(item: tuple[str, float]) -> int:
    return ATOMIC_NUMBER[item[0]]
