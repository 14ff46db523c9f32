"""Formulas beyond the common forms, read sign by sign: nested brackets, hydrates, charges, isotopes."""

import re
import unicodedata

from brnet.errors import FormulaError
from brnet.materials.formulas.composition import Composition, composed
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.refusals import quoted, unreadable

LARGEST_AMOUNT = 1e6
"""Atoms of one element in a formula; more is a typing error."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<element>[A-Z][a-z]?)
      | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<charge>\^[0-9]{0,2}[+-](?![0-9.]))
    )""",
    re.VERBOSE,
)
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_BRACKET_CHARGE = re.compile(r"\s*([0-9]{0,2}[+-])(?![0-9.])")
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
OXIDATION_STATE = re.compile(r"\((?:III?|IV|VI{1,3})\)")

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_SUPERSCRIPT_CHARGE = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]*[⁺⁻])")
_SUPERSCRIPT_TO_PLAIN = str.maketrans(_SUPERSCRIPTS, "0123456789+-")
_TO_PLAIN = str.maketrans(
    dict.fromkeys("•*⋅∙‧・●", "·")
    | dict.fromkeys("−–—‐‑", "-")
    | dict.fromkeys("\u200b\u2060\u00ad\ufeff", "")
)
_WATERS = ("H2O", "D2O")
_POINTS = re.compile(r"([0-9]*)\.([0-9]*)(\.[0-9]+)?")
_ISOTOPES = {"D": "deuterium", "T": "tritium"}
_LOOKS_LIKE = {"TI": "Ti or Tl", "DY": "Dy", "TA": "Ta", "TB": "Tb", "TC": "Tc", "TH": "Th", "DB": "Db"}


def read_carefully(text: str, *, part: str = "") -> Composition:
    """Read a text that is one formula, or the `part` of it that is one.

    Raises FormulaError: one sentence with what cannot be read.
    """
    notes: list[str] = []
    plain = _point_as_hydrate(as_ascii(part or text))
    total: dict[str, float] = {}
    first, *adducts = plain.split("·")
    _add(total, _read_part(first, text, notes), 1.0)
    for adduct in adducts:
        _add(total, *_read_adduct(adduct, text, notes))
    return _checked(total, text, notes)


def as_ascii(text: str) -> str:
    """Subscripts, full-width signs and foreign digits as ASCII, superscript charges as '^2-'."""
    charges = _SUPERSCRIPT_CHARGE.sub(lambda charge: "^" + charge[1].translate(_SUPERSCRIPT_TO_PLAIN), text)
    lonely = next((sign for sign in charges if sign in _SUPERSCRIPTS), None)
    if lonely:
        raise FormulaError(
            f"'{lonely}' in {quoted(text)} is a superscript without a sign; write a charge as '^2-'."
        )
    folded = unicodedata.normalize("NFKC", charges.translate(_TO_PLAIN)).translate(_TO_PLAIN)
    return "".join(_ascii_digit(sign) for sign in folded)


def _ascii_digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if not sign.isascii() and sign.isdecimal() else sign


def _point_as_hydrate(plain: str) -> str:
    """'CuSO4.5H2O' and 'CaSO4.0.5H2O' with '·'; 'Na0.5H2O' stays, for its point can only be a decimal one."""
    plain = plain.rstrip()
    if not plain.endswith(_WATERS):
        return plain
    before_water, water = plain[:-3], plain[-3:]
    head = before_water.rstrip("0123456789. ")
    numbers = ".".join(number.strip() for number in before_water[len(head) :].split("."))
    found = _POINTS.fullmatch(numbers)
    if found is None:
        return plain
    before, after, rest = found[1], found[2], found[3] or ""
    if rest and not _is_zero(after):
        raise FormulaError(
            f"{quoted(numbers)} in {quoted(plain)} has two points; write the hydrate's as '·'."
        )
    if not rest and (_is_zero(before) or _is_zero(after)):
        return plain
    return f"{head}{before}·{after}{rest}{water}"


def _is_zero(digits: str) -> bool:
    return bool(digits) and not digits.strip("0")


def _read_adduct(adduct: str, text: str, notes: list[str]) -> tuple[dict[str, float], float]:
    """What follows '·': an optional number and a formula."""
    coefficient = _NUMBER.match(adduct)
    count = coefficient[1] if coefficient else "1"
    formula = adduct[coefficient.end() :] if coefficient else adduct
    amounts = _read_part(formula, text, notes)
    kind = "a hydrate" if formula.strip().strip("()") in _WATERS else "an adduct"
    notes.append(f"Read as {kind}: {count[:20]} {formula.strip()[:40]} added.")
    return amounts, float(count)


def _read_part(part: str, text: str, notes: list[str]) -> dict[str, float]:
    """Elements, amounts and nested brackets, left to right with a stack of open brackets."""
    if not part.strip():
        raise FormulaError(f"Nothing stands on one side of '·' in {quoted(text)}.")
    state = OXIDATION_STATE.search(part)
    if state:
        raise FormulaError(f"'{state[0]}' in {quoted(text)} looks like an oxidation state; leave it out.")
    stack: list[dict[str, float]] = [{}]
    brackets: list[str] = []
    part = part.rstrip()
    last, place = "", 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None or token.lastgroup is None:
            raise unreadable(part, place, text)
        kind, word, place = token.lastgroup, token[token.lastgroup], token.end()
        if kind == "element":
            symbol = _symbol(word, part, token.start("element"), text, notes)
            amount, place = _amount_at(part, place)
            _add(stack[-1], {symbol: 1.0}, amount)
        elif kind == "open":
            brackets.append(word)
            stack.append({})
        elif kind == "close":
            inner = _closed(brackets, stack, word, text)
            amount, place = _bracket_amount_at(part, place, text, notes)
            _add(stack[-1], inner, amount)
        elif kind == "charge" and last in ("element", "close"):
            notes.append(f"The charge '{word[1:]}' is left out.")
        else:
            raise _misplaced(kind, word, last, text)
        last = kind
    if brackets:
        raise FormulaError(f"'{brackets[-1]}' in {quoted(text)} is never closed.")
    return stack[0]


def _amount_at(part: str, place: int) -> tuple[float, int]:
    """The amount written at this place, 1 where there is none, and the place after it."""
    number = _NUMBER.match(part, place)
    return (float(number[1]), number.end()) if number else (1.0, place)


def _bracket_amount_at(part: str, place: int, text: str, notes: list[str]) -> tuple[float, int]:
    """As `_amount_at`, but the number in '(SO4)2-' belongs to the charge."""
    charge = _BRACKET_CHARGE.match(part, place)
    if charge is None:
        return _amount_at(part, place)
    notes.append(f"'{charge[1]}' after the bracket is read as a charge, which is left out.")
    return 1.0, charge.end()


def _closed(brackets: list[str], stack: list[dict[str, float]], word: str, text: str) -> dict[str, float]:
    if not brackets:
        raise FormulaError(f"'{word}' in {quoted(text)} closes a bracket that was never opened.")
    opened = brackets.pop()
    if _BRACKETS[opened] != word:
        raise FormulaError(f"'{opened}' in {quoted(text)} is closed by '{word}'.")
    inner = stack.pop()
    if not inner:
        raise FormulaError(f"'{opened}{word}' in {quoted(text)} is empty.")
    return inner


def _symbol(word: str, part: str, place: int, text: str, notes: list[str]) -> str:
    if word in ATOMIC_NUMBER:
        return word
    if word in _ISOTOPES:
        notes.append(_isotope_note(word, part[place : place + 2]))
        return "H"
    joined = part[max(place - 1, 0) : place] + word.lower()
    hint = f"; write '{joined}' if that was meant" if joined in ATOMIC_NUMBER else ""
    raise FormulaError(f"'{word}' in {quoted(text)} is not an element{hint}.")


def _isotope_note(word: str, written: str) -> str:
    meant = _LOOKS_LIKE.get(written)
    doubt = f"; if {meant} was meant, correct '{written}'" if meant else ""
    return f"{word} read as hydrogen ({_ISOTOPES[word]}){doubt}."


def _misplaced(kind: str, word: str, last: str, text: str) -> FormulaError:
    if kind == "charge":
        return FormulaError(f"The charge '{word}' in {quoted(text)} belongs to nothing.")
    if not last:
        return FormulaError(f"{quoted(word)} begins {quoted(text)}; leave the leading number out.")
    return FormulaError(f"{quoted(word)} in {quoted(text)} is a number without an element.")


def _checked(total: dict[str, float], text: str, notes: list[str]) -> Composition:
    for symbol, amount in total.items():
        if not amount <= LARGEST_AMOUNT:
            raise FormulaError(f"The amount of {symbol} in {quoted(text)} is above {LARGEST_AMOUNT:,.0f}.")
    composition = composed(total, notes)
    if not composition.amounts:
        raise FormulaError(f"No element in {quoted(text)} has an amount above zero.")
    return composition


def _add(total: dict[str, float], amounts: dict[str, float], times: float) -> None:
    for symbol, amount in amounts.items():
        total[symbol] = total.get(symbol, 0.0) + amount * times
