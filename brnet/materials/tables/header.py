"""The head of a table: titles above its header, no header at all, units below it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import FormulaError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.formula import read_formulas
from brnet.materials.tables.numerals import is_number

HEAD_ROWS = 50
"""Rows looked at; a header further down is not found."""

MOST = 0.5
"""Share of the filled cells that must be numbers or formulas where the first row is taken for values."""

LONGEST_UNIT = 24  # characters

# Units and their spellings (SI brochure, 9th edition, tables 2, 4, 7 and 8; others as materials papers use).
_UNIT = (
    r"(?:(?:da|[yzafpnuµμmcdhkMGTPE])?"
    r"(?:eV|Ha|Ry|K|Pa|J|W|V|A|m|g|s|T|Oe|G|Hz|N|C|S|F|H|mol|bar|atm|cal|Ω|Ω|[Oo]hm|l|L|h|min|u|Da)"
    r"|Å|Å|°C|°F|℃|°|deg|%|(?:at|wt|mol|vol|mass)\.?[ -]?%|ppm|ppb|atoms?|at|f\.?u\.?|cell"
    r"|a\.?u\.?|arb\. ?u(?:nits)?\.?|[µμ]B|mu_?B|emu|HV|HRC|HB|rad|sr|1)"
)
_POWER = r"(?:\^?[-−+]?[0-9]+(?:[./][0-9]+)?|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
_FACTOR = r"(?:[×x*]?\s?10(?:\^?[-−+]?[0-9]{1,2}|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s?[·⋅*×]?\s?)?"
_UNITS = re.compile(rf"{_FACTOR}\(?{_UNIT}{_POWER}(?:[ ·.*/⋅×]\(?{_UNIT}{_POWER}\)?)*\)?")
_BRACKETED = re.compile(r"[(\[](.+)[)\]]")
_RULE = re.compile(r"\s*:?[-=]{2,}:?\s*|\s*")
_NO_UNIT = frozenset({"", "-", "–", "—"})


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the columns are called, and the place of the first row of values below."""

    names: tuple[str, ...]
    first: int
    notes: tuple[str, ...] = ()


def read_head(rows: Sequence[Sequence[str]], lines: Sequence[int]) -> Head:
    """The head of a table from its first rows and the lines they stand on."""
    place = _header_place(rows)
    notes = [_titles_note(lines[:place])] if place else []
    invented = _names_without_header(rows[place:])
    if invented:
        named = ", ".join(map(repr, invented))
        notes.append(f"Line {lines[place]} holds values already; the columns are called {named}.")
        return Head(names=tuple(invented), first=place, notes=tuple(notes))
    names, first = unique_names(rows[place]), place + 1
    if first < len(rows) - 1 and all(map(_RULE.fullmatch, rows[first])):  # Markdown and plain text tables
        first += 1
    units = _units(rows[first:])
    if units:
        names = unique_names(
            [_with_unit(*pair) for pair in zip(names, units, strict=False)] + names[len(units) :]
        )
        notes.append(f"Line {lines[first]} holds units, which were joined to the names of the columns.")
        first += 1
    return Head(names=tuple(names), first=first, notes=tuple(notes))


def unique_names(cells: Sequence[str]) -> list[str]:
    """Names for columns: '', 'y', 'y' -> 'column 1', 'y', 'y (2)'."""
    names: list[str] = []
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for place, cell in enumerate(cells, start=1):
        name = base = cell.strip() or f"column {place}"
        while name in taken:
            copies[base] += 1
            name = f"{base} ({copies[base] + 1})"
        taken.add(name)
        names.append(name)
    return names


def named_or_filled(names: Sequence[str], cells: np.ndarray) -> list[int]:
    """The places of columns with a name or a value in `cells` (rows, columns); programs save empty ones."""
    return [
        place
        for place, name in enumerate(names)
        if name != f"column {place + 1}" or any(map(str.strip, cells[:, place]))
    ]


def _header_place(rows: Sequence[Sequence[str]]) -> int:
    """The place of the header: titles and remarks above it fill few of the columns that the rows fill.

    It is the first row as full as the rows below and without numbers. Where values come first, it is the
    fullest row above them, or the first of them.
    """
    filled = [sum(map(_is_filled, row)) for row in rows]
    usual = _usual(filled)
    best, fullest = None, 0
    for place, row in enumerate(rows):
        if filled[place] < min(2, usual):
            continue
        has_numbers = any(map(_is_value, row))
        if filled[place] >= usual and not has_numbers:
            return place
        if has_numbers and 2 * filled[place] > usual:
            return place if best is None else best
        if not has_numbers and filled[place] > fullest:
            best, fullest = place, filled[place]
    return best or 0


def _usual(filled: Sequence[int]) -> int:
    """The largest number of filled cells that two rows share."""
    shared = [number for number, times in Counter(filled).items() if times > 1]
    return max(shared, default=max(filled, default=0))


def _titles_note(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"Line {lines[0]} above the header was passed over."
    return f"Lines {lines[0]} to {lines[-1]} above the header were passed over."


def _names_without_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names for the columns where the first row holds a formula and a number already; else []."""
    if len(rows[0]) > 1 and not any(map(_is_value, rows[0])):
        return []
    columns = list(zip(*_even(rows), strict=True))
    numbers = [
        place for place, cells in enumerate(columns) if _begins_with(list(map(_is_value, cells)), cells)
    ]
    if not numbers and len(columns) > 1:
        return []
    formulas = {
        place: len(found[0].elements)
        for place, cells in enumerate(columns)
        if place not in numbers and (found := _formulas(cells))
    }
    if not formulas or (len(columns) == 1 and formulas[0] < 2):  # 'No' and 'In' may be names
        return []
    best = max(formulas, key=lambda place: formulas[place])
    return unique_names(
        ["formula" if place == best else "value" if place in numbers else "" for place in range(len(columns))]
    )


def _even(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The rows as long as the first."""
    return [row for row in rows if len(row) == len(rows[0])]


def _begins_with(wanted: Sequence[bool], cells: Sequence[str]) -> bool:
    """Is the first cell one of those wanted, and are most of the filled ones?"""
    return wanted[0] and sum(wanted) >= MOST * sum(map(_is_filled, cells))


def _formulas(cells: Sequence[str]) -> list[Composition]:
    """The compositions of a column that begins with one and holds few other texts; else []."""
    if isinstance(read_formulas(cells[:1])[0], FormulaError):
        return []
    readings = read_formulas(cells)
    if not _begins_with([isinstance(reading, Composition) for reading in readings], cells):
        return []
    return [reading for reading in readings if isinstance(reading, Composition)]


def _units(rows: Sequence[Sequence[str]]) -> list[str]:
    """The units that the first row gives for columns of numbers below it; [] where it is no such row."""
    if len(rows) < 2:
        return []
    cells = [cell.strip() for cell in rows[0]]
    units = ["" if cell in _NO_UNIT else _unit(cell) for cell in cells]
    if not any(units) or any(
        not unit and cell not in _NO_UNIT for cell, unit in zip(cells, units, strict=True)
    ):
        return []
    for place, unit in enumerate(units):
        if unit and not _holds_numbers(row[place] for row in rows[1:] if place < len(row)):
            if not _BRACKETED.fullmatch(cells[place]):
                return []
            units[place] = ""
    return units if any(units) else []


def _unit(cell: str) -> str:
    """'eV' of '(eV)' and 'eV'; '' where a cell is no unit."""
    if len(cell) > LONGEST_UNIT:
        return ""
    bracketed = _BRACKETED.fullmatch(cell)
    if bracketed:
        return bracketed[1].strip()
    return cell if _UNITS.fullmatch(cell) and not cell.isdecimal() else ""


def _holds_numbers(cells: Iterable[str]) -> bool:
    filled = [_is_value(cell) for cell in cells if _is_filled(cell)]
    return bool(filled) and sum(filled) >= MOST * len(filled)


def _is_value(cell: str) -> bool:
    """A number; '3,4' is one too, for the decimal comma is not settled yet."""
    return is_number(cell) or ("," in cell and is_number(cell.replace(",", ".")))


def _is_filled(cell: str) -> bool:
    return bool(cell.strip())


def _with_unit(name: str, unit: str) -> str:
    """'gap' and 'eV' -> 'gap (eV)'; a header that ends with brackets has its unit."""
    return f"{name} ({unit})" if unit and name[-1:] not in (")", "]") else name
