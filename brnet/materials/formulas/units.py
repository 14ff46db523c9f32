"""Percent of what: weight, atoms or moles, as headers and texts spell it."""

import re
import unicodedata
from typing import Literal

Unit = Literal["at%", "wt%", "mol%"]

_WORDS: dict[Unit, str] = {
    "wt%": r"(?:wt|weight|mass(?:en?)?|gew(?:ichts)?)",
    "at%": r"at(?:om(?:ic|s)?)?",
    "mol%": r"mol(?:e|ar)?",
}
_SHORT: dict[Unit, str] = {"wt%": "wt", "at%": "at", "mol%": "mol"}
_METALLURGICAL: dict[Unit, str] = {"wt%": "w/o", "at%": "a/o", "mol%": "m/o"}
_PERCENT = r"(?:%|percent|per\scent|pct\b\.?|fractions?|frac\b\.?)"


def _spellings(unit: Unit) -> str:
    """'wt%', 'wt. %', 'weight percent', 'Gew.-%', '% by weight', 'w/o'; '(wt)' with brackets only."""
    word = _WORDS[unit]
    spelling = (
        rf"(?:{word}\.?\s?-?\s?{_PERCENT}"
        rf"|(?:%|percent\s|pct\s)\s?\(?(?:by\s)?{word}(?![a-z])\.?\)?"
        rf"|(?<![a-z]){_METALLURGICAL[unit]}(?![a-z]))"
    )
    # 'in' is the preposition and '[at]' the unit only in small letters; 'In' and 'At' are elements.
    return rf"(?:\s(?-i:in)\s)?(?:[(\[]\s?(?:{spelling}|(?-i:{word})\.?)\s?[)\]]|{spelling})"


_SPELLED = {unit: re.compile(_spellings(unit), re.IGNORECASE) for unit in _WORDS}
_AT_THE_END = {unit: re.compile(rf"[\s,;]{word}\.?$", re.IGNORECASE) for unit, word in _SHORT.items()}
_AT_THE_BEGINNING = {unit: re.compile(rf"^{word}\.?\s", re.IGNORECASE) for unit, word in _SHORT.items()}


def unit_of_header(header: str) -> Unit | Literal[""]:
    """The unit that a header gives: 'wt%' for 'composition (wt. %)' and 'Cr_wt'; '' for none or several."""
    _, units = name_and_units(header)
    return units[0] if len(units) == 1 else ""


def name_and_units(header: str) -> tuple[str, tuple[Unit, ...]]:
    """'Cr (wt. %)' -> 'Cr' and ('wt%',); a '%' alone is taken away as well."""
    words = " ".join(unicodedata.normalize("NFKC", header).replace("_", " ").split())
    name, units = without_units(words)
    leading: list[Unit] = [unit for unit, pattern in _AT_THE_BEGINNING.items() if pattern.search(name)]
    for unit in leading:
        name = _AT_THE_BEGINNING[unit].sub("", name)
    name = re.sub(r"[(\[]\s?%?\s?[)\]]|%", " ", name)
    return name.strip(" ,;:.-/"), tuple(dict.fromkeys([*units, *leading]))


def without_units(text: str) -> tuple[str, tuple[Unit, ...]]:
    """'Fe-18 wt% Cr' -> 'Fe-18 Cr' and ('wt%',). Blanks of the text must be single ones."""
    units: list[Unit] = []
    for unit in _WORDS:
        rest = _AT_THE_END[unit].sub("", _SPELLED[unit].sub(" ", text))
        if rest != text:
            units.append(unit)
        text = rest
    return " ".join(text.split()), tuple(units)
