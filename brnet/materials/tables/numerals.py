"""Numbers as people and programs write them: '−3.4', '1.2×10^-3', '1,234.5', '3.4(2)', '3,4'."""

import math
import re
from contextlib import suppress

import numpy as np
import pandas as pd

LONGEST_NUMBER = 60
"""Characters; a longer text is read as a number only where Python reads it."""

_PLAIN = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_EXPONENT = r"(?:[eE][-+]?[0-9]{1,3})?"
_POWER_OF_TEN = re.compile(
    rf"\s*(?:({_PLAIN})\s*[×x*·⋅]\s*)?10\s*(?:\^|\*\*)\s*[({{]?([-+]?[0-9]{{1,3}})[)}}]?\s*", re.IGNORECASE
)
_THOUSANDS = re.compile(
    rf"\s*[-+]?[0-9]{{1,3}}(?:(?:,[0-9]{{3}})+\.[0-9]+|(?:,[0-9]{{3}}){{2,}}){_EXPONENT}\s*"
)
_UNCERTAIN = re.compile(
    rf"\s*({_PLAIN})(?:\s?\([0-9]+(?:\.[0-9]+)?\)({_EXPONENT})"
    rf"|({_EXPONENT})\s*(?:±|\+\s?/?\s?-)\s*{_PLAIN}{_EXPONENT})\s*"
)
_BEGINS = re.compile(r"\s*(?:[-+−–﹣－＋﹢]\s*)?\.?[0-9]")
_SIGNS = str.maketrans(dict.fromkeys("−–﹣－", "-") | dict.fromkeys("＋﹢", "+"))
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+\s*$")

_DECIMAL_COMMA = re.compile(r"\s*[-+−]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_THOUSANDS_PERHAPS = re.compile(r"\s*[-+−]?[1-9][0-9]{0,2},[0-9]{3}\s*")
_DECIMAL_POINT = re.compile(r"\s*[-+−]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?\s*")


def to_numbers(cells: pd.Series) -> np.ndarray:
    """A column of texts -> float64 (n,), NaN where the text is no number.

    Besides what Python reads: '−3.4', '1.2×10^-3', '10⁵', thousands as in '1,234.5', and a value with its
    uncertainty as in '3.4(2)' or '3.4 ± 0.2', whose value is taken (`uncertainty_note` says so). '1,234'
    alone is no number, for it could be 1.234 as well; nor are '<0.1', '~3' and '3.4 eV'.
    """
    texts = cells.to_numpy(dtype=object)
    joined = "".join(texts)
    if joined.isascii() and "_" not in joined:  # Python would read '1_0' and '１'
        with suppress(ValueError):
            return texts.astype(float)
    rough = pd.to_numeric(pd.Series(texts).str.strip(), errors="coerce").to_numpy(dtype=float)
    plain = ~np.isnan(rough)
    numbers = np.full(len(texts), np.nan)
    numbers[plain] = texts[plain].astype(float)  # pandas often misses the nearest float by one last digit
    for place in np.flatnonzero(~plain).tolist():
        if _BEGINS.match(texts[place]):
            numbers[place] = _as_people_write(texts[place])
    return numbers


def is_number(cell: str) -> bool:
    """Whether `to_numbers` reads a finite number."""
    return bool(_BEGINS.match(cell)) and math.isfinite(_as_people_write(cell))


def number_text(number: float) -> str:
    """The shortest text that reads back equal, whole numbers without '.0'; '' for NaN."""
    return "" if number != number else repr(number).removesuffix(".0")


def uncertainty_note(cells: pd.Series) -> str:
    """How many numbers of a column are read without their uncertainty, and the first; '' where none is."""
    uncertain = [(line, cell.strip()) for line, cell in cells.items() if _uncertain_value(cell)]
    if not uncertain:
        return ""
    line, cell = uncertain[0]
    numbers = "1 number" if len(uncertain) == 1 else f"{len(uncertain):,} numbers"
    return f"{numbers} in {str(cells.name)!r} read without uncertainty, the first on line {line}, {cell!r}."


def points_for_commas(cells: np.ndarray, *, doubtful: bool) -> bool:
    """Write '3,4' as '3.4' and '1.234,5' as '1234.5' in place in texts of any shape; whether there was any.

    Where `doubtful`, commas may be for thousands: all are left unless one can be nothing but a decimal
    comma and no number has a decimal point.
    """
    places = [
        place for place, cell in enumerate(cells.flat) if "," in cell and _DECIMAL_COMMA.fullmatch(cell)
    ]
    if doubtful and not (_has_sure_comma(cells, places) and not _has_point(cells)):
        return False
    for place in places:
        cells.flat[place] = cells.flat[place].replace(".", "").replace(",", ".")
    return bool(places)


def _has_sure_comma(cells: np.ndarray, places: list[int]) -> bool:
    return any(not _THOUSANDS_PERHAPS.fullmatch(cells.flat[place]) for place in places)


def _has_point(cells: np.ndarray) -> bool:
    return any("." in cell and _DECIMAL_POINT.fullmatch(cell) for cell in cells.flat)


def _as_people_write(text: str) -> float:
    if len(text) > LONGEST_NUMBER:
        return np.nan
    text = _with_plain_signs(text)
    power = _POWER_OF_TEN.fullmatch(text)
    if power:
        return float(f"{power[1] or 1}e{power[2]}")
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    value = _uncertain_value(text)
    if value:
        return float(value)
    with suppress(ValueError):
        return float(text) if text.isascii() and "_" not in text else np.nan
    return np.nan


def _with_plain_signs(text: str) -> str:
    """'−1.2·10⁻³' -> '-1.2·10^-3'."""
    raised = _SUPERSCRIPT.search(text)
    if raised:
        text = f"{text[: raised.start()]}^{raised[0].translate(_SUPERSCRIPTS)}"
    return text.translate(_SIGNS)


def _uncertain_value(text: str) -> str:
    """'3.4e-3' of '3.4(2)e-3'; '' of a text that is no number with an uncertainty."""
    if len(text) > LONGEST_NUMBER or not ("(" in text or "±" in text or "+" in text):
        return ""
    found = _UNCERTAIN.fullmatch(text.translate(_SIGNS))
    return f"{found[1]}{found[2] or found[3] or ''}" if found else ""
