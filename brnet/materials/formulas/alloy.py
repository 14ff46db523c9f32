"""Alloys and mixtures in percent: 'Fe-18Cr-8Ni wt%' or '60SiO2-40Na2O mol%' in, atoms out."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from brnet.errors import FormulaError
from brnet.materials.formulas.careful import as_ascii, read_carefully
from brnet.materials.formulas.composition import Composition, composed
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.refusals import quoted
from brnet.materials.formulas.units import without_units
from brnet.materials.formulas.weights import ATOMIC_WEIGHT, formula_weight

TOLERANCE = 0.01
"""How far amounts that should make up the whole may be from it, as a share of it: rounding, mostly."""

_NUMBER = r"(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)"
_SEPARATOR = re.compile(r"[-,;/+]")
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_BALANCE = re.compile(r"\(?(?:[Bb]al(?:ance)?|BAL(?:ANCE)?|[Rr]est|REST|[Rr]em(?:ainder)?)\b\.?\s?\)?")
_LEADING = re.compile(rf"({_NUMBER})\s?(.*[^\s].*)", re.DOTALL)
_TRAILING = re.compile(rf"([A-Z][a-z]?|\([^()]+\))\s?({_NUMBER})")
_NAME = re.compile(r"[A-Z(\[][A-Za-z0-9.()\[\]]*")


class Part(NamedTuple):
    """One component as it is written; without an amount it is the balance."""

    name: str
    amount: float | None
    leads: bool = False  # whether the number stands before the name


def read_percent(text: str, unit: str = "") -> Composition | None:
    """Read an alloy or a mixture in percent; None where the text is a formula and says nothing of percent.

    `unit` counts where the text names none. Raises FormulaError: one sentence with what is wrong.
    """
    plain = " ".join(as_ascii(text).split())
    rest, units = without_units(plain)
    if len(units) > 1:
        raise FormulaError(f"{quoted(text)} names both {units[0]} and {units[1]}; keep one of them.")
    parts = _parts(rest)
    if units:
        if len(parts) == 1 and not parts[0].leads:
            return as_percent(read_carefully(text, part=_unwrapped(rest)), units[0], text)
        return _mixed(parts, units[0], text)
    if not _is_in_percent(parts):
        return None
    if not unit:
        raise FormulaError(
            f"{quoted(text)} does not say of what its amounts are percent; write wt%, at% or mol% behind it."
        )
    return _mixed(parts, unit, text)


def as_percent(composition: Composition, unit: str, text: str = "") -> Composition:
    """A formula such as Cu60Zr40 whose amounts are percent, or fractions of 1, of weight or of atoms.

    Where they sum to neither, it is an ordinary formula, unless a `text` says itself that it is in wt% or
    at%: that raises FormulaError.
    """
    whole = _whole(composition.n_atoms)
    if len(composition.amounts) == 1:
        return composition
    if whole:
        shares = dict(composition.amounts)
        notes = (*composition.notes, _note(composition.amounts, unit, whole, composition.n_atoms))
        return composed(_from_weights(shares) if unit == "wt%" else shares, notes)
    if unit == "mol%":
        return composition
    if text:
        raise _wrong_sum(composition.n_atoms, unit, text)
    note = f"Read as a formula: its amounts sum to {composition.n_atoms:.6g}, not to 100 wt%."
    return Composition(composition.amounts, (*composition.notes, note))


def _parts(text: str) -> list[Part]:
    """'Fe-18Cr' -> Fe without an amount and 18 of Cr."""
    words = _SEPARATOR.split(_DECIMAL_COMMA.sub(".", _unwrapped(text)))
    return [_part(_BALANCE.sub(" ", word).replace("%", " ").strip()) for word in words]


def _part(word: str) -> Part:
    leading = _LEADING.fullmatch(word)
    if leading:
        return Part(leading[2], float(leading[1]), leads=True)
    trailing = _TRAILING.fullmatch(word)
    return Part(_unwrapped(trailing[1]), float(trailing[2])) if trailing else Part(word, None)


def _unwrapped(text: str) -> str:
    """Without brackets around the whole."""
    inner = text[1:-1]
    if text[:1] + text[-1:] in ("()", "[]") and not re.search(r"[()\[\]]", inner):
        return inner.strip()
    return text.strip(" ,;:")


def _is_in_percent(parts: Sequence[Part]) -> bool:
    """Whether a text without a unit is an alloy all the same: 'Fe-18Cr', but not the slip 'Sm1Ba-1Cu3O7'."""
    if len(parts) < 2 or not all(_NAME.fullmatch(part.name) for part in parts):
        return False
    leading = [part.name for part in parts if part.leads]
    return parts[0].leads or (bool(leading) and all(name in ATOMIC_NUMBER for name in leading))


def _mixed(parts: Sequence[Part], unit: str, text: str) -> Composition:
    """The atoms in all components, the balance filled up to 100."""
    components = {part.name: _component(part.name, text) for part in parts}
    if len(components) < len(parts):
        twice = next(part.name for part in parts if sum(part.name == other.name for other in parts) > 1)
        raise FormulaError(f"{quoted(twice)} stands twice in {quoted(text)}; write one amount for it.")
    compound = next((name for name, inside in components.items() if inside.n_atoms != 1), None)
    if unit == "at%" and compound:
        raise FormulaError(
            f"{quoted(compound)} in {quoted(text)} is a compound and at% counts atoms; write mol% or wt%."
        )
    amounts, note = _filled(parts, unit, text)
    atoms: dict[str, float] = {}
    for name, amount in amounts.items():
        inside = components[name]
        moles = amount / formula_weight(inside) if unit == "wt%" else amount
        for symbol, count in inside.amounts:
            atoms[symbol] = atoms.get(symbol, 0.0) + moles * count
    total = math.fsum(atoms.values())
    if not total:
        raise FormulaError(f"No amount in {quoted(text)} is above zero.")
    if unit == "wt%":
        atoms = {symbol: 100 * amount / total for symbol, amount in atoms.items()}
    return composed(atoms, [*(n for inside in components.values() for n in inside.notes), note])


def _filled(parts: Sequence[Part], unit: str, text: str) -> tuple[dict[str, float], str]:
    """The amount of each component and a note that says how they were read."""
    open_names = [part.name for part in parts if part.amount is None]
    given = [(part.name, part.amount) for part in parts if part.amount is not None]
    total = math.fsum(amount for _, amount in given)
    if len(open_names) > 1:
        first, second, *_ = map(quoted, open_names)
        raise FormulaError(
            f"{first} and {second} in {quoted(text)} have no amount; only one part, the balance, may lack it."
        )
    if open_names:
        balance = round(100 - total, 10)
        if not balance > 0:
            raise FormulaError(
                f"The amounts in {quoted(text)} sum to {total:.6g} {unit}, which leaves nothing for "
                f"{quoted(open_names[0])}, the balance; correct one of them."
            )
        return {**dict(given), open_names[0]: balance}, _note(given, unit, 100, 100, (open_names[0], balance))
    whole = _whole(total)
    if not whole:
        raise _wrong_sum(total, unit, text)
    return dict(given), _note(given, unit, whole, total)


def _whole(total: float) -> int:
    """What amounts with this sum are parts of: 100, 1, or 0 for neither."""
    return next((whole for whole in (100, 1) if abs(total - whole) <= TOLERANCE * whole * (1 + 1e-9)), 0)


def _wrong_sum(total: float, unit: str, text: str) -> FormulaError:
    return FormulaError(
        f"The amounts in {quoted(text)} sum to {total:.6g} {unit}, not to 100; "
        "correct them or leave the number of the balance out."
    )


def _note(
    given: Sequence[tuple[str, float]],
    unit: str,
    whole: int,
    total: float,
    balance: tuple[str, float] | None = None,
) -> str:
    shown = [f"{amount:.6g} {name}" for name, amount in given]
    shown += [f"balance {balance[1]:.6g} {balance[0]}"] if balance else []
    unit = unit if whole == 100 else f"fractions ({unit.removesuffix('%')})"
    off = (
        f"; they sum to {total:.6g} and their proportions count" if abs(total - whole) > 1e-6 * whole else ""
    )
    return f"Read as {unit}: {', '.join(shown)}{off}."


def _from_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights of elements -> atoms, scaled to a sum of 100."""
    moles = {symbol: weight / ATOMIC_WEIGHT[symbol] for symbol, weight in weights.items()}
    total = math.fsum(moles.values())
    return {symbol: 100 * amount / total for symbol, amount in moles.items()}


def _component(name: str, text: str) -> Composition:
    """An element or a compound that a part of the text names."""
    if name in ATOMIC_NUMBER:
        return Composition(((name, 1.0),))
    if not re.search("[A-Za-z]", name):
        raise FormulaError(
            f"{quoted(name)} in {quoted(text)} names no element; write as in 'Fe-18Cr-8Ni wt%'."
        )
    try:
        return _compound(name)
    except FormulaError:
        return read_carefully(text, part=name)  # refuses too, and quotes the whole text


@lru_cache(maxsize=4096)
def _compound(name: str) -> Composition:
    return read_carefully(name)
