"""Chemical formulas: text in, a composition with notes out, or one sentence saying what cannot be read."""

import re
import unicodedata
from collections.abc import Sequence

from brnet.errors import FormulaError
from brnet.materials.composition import Composition
from brnet.materials.elements import ATOMIC_NUMBER
from brnet.settings import settings

LARGEST_AMOUNT = 1e6
"""Atoms of one element in a formula; more is a typing error."""

SMALLEST_AMOUNT = 1e-8
"""Atoms of one element in a formula; less is left out with a note (pymatgen's tolerance is the same)."""


def read_formula(text: str) -> Composition:
    """Read 'Fe2O3', 'Ca(OH)2', 'CuSO4·5H2O', 'Li₀.₅CoO₂', '(SO4)2-' …

    Raises FormulaError: one sentence with the part that cannot be read.
    """
    return _read_plain(text) or _read_carefully(text)


def read_formulas(texts: Sequence[str]) -> list[Composition | FormulaError]:
    """Read each text; where one cannot be read, its error stands in its place. Raises nothing."""
    return [_composition_or_error(text) for text in texts]


# The common forms: elements and single round brackets with amounts above zero, nothing else. Each repeat
# begins with a capital or a bracket and every quantifier is possessive, so matching takes linear time.
_AMOUNT = r"(?:[1-9][0-9]*+(?:\.[0-9]++)?+|0\.0*+[1-9][0-9]*+)?+"
_ITEMS = rf"(?:[A-Z][a-z]?+{_AMOUNT})++"
_PLAIN = re.compile(_ITEMS)
_PLAIN_ITEM = re.compile(r"([A-Z][a-z]?)([0-9.]*)")
_BRACKETED = re.compile(rf"(?:{_ITEMS}|\({_ITEMS}\){_AMOUNT})++")
_BRACKETED_ITEM = re.compile(r"([A-Za-z0-9.]+)|\(([A-Za-z0-9.]+)\)([0-9.]*)")

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
_OXIDATION_STATE = re.compile(r"\((?:III?|IV|VI{1,3})\)")
_UNREADABLE = re.compile(r"[^A-Z0-9()\[\]{}\s]+|.", re.DOTALL)
_SIGNED = re.compile(r"[+-][0-9.]*")

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_SUPERSCRIPT_CHARGE = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]*[⁺⁻])")
_SUPERSCRIPT_TO_PLAIN = str.maketrans(_SUPERSCRIPTS, "0123456789+-")
_TO_PLAIN = str.maketrans(dict.fromkeys("•*⋅∙‧・●", "·") | {"−": "-", "–": "-", "\u200b": "", "\ufeff": ""})
_WATERS = ("H2O", "D2O")
_POINTS = re.compile(r"([0-9]*)\.([0-9]*)(\.[0-9]+)?")
_ISOTOPES = {"D": "deuterium", "T": "tritium"}
_LOOKS_LIKE = {"TI": "Ti or Tl", "DY": "Dy", "TA": "Ta", "TB": "Tb", "TC": "Tc", "TH": "Th", "DB": "Db"}


def _composition_or_error(text: str) -> Composition | FormulaError:
    try:
        return _read_plain(text) or _read_carefully(text)
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
    elif _BRACKETED.fullmatch(text) and not _OXIDATION_STATE.search(text):
        known = all(
            _add_plain(amounts, outside or inside, float(times or 1.0))
            for outside, inside, times in _BRACKETED_ITEM.findall(text)
        )
    else:
        return None
    if not known or max(amounts.values()) > LARGEST_AMOUNT or min(amounts.values()) < SMALLEST_AMOUNT:
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


def _read_carefully(text: str) -> Composition:
    _refuse_impossible(text)
    notes: list[str] = []
    plain = _point_as_hydrate(_as_ascii(text))
    total: dict[str, float] = {}
    first, *adducts = plain.split("·")
    _add(total, _read_part(first, text, notes), 1.0)
    for adduct in adducts:
        _add(total, *_read_adduct(adduct, text, notes))
    return _checked(total, text, notes)


def _refuse_impossible(text: str) -> None:
    if not isinstance(text, str):
        raise FormulaError(f"A formula is a text, not {text!r}.")
    longest = settings().max_formula_length
    if len(text) > longest:
        raise FormulaError(
            f"The formula beginning {_quoted(text[:20])} has {len(text):,} characters; "
            f"at most {longest:,} are read."
        )
    if not text.strip():
        raise FormulaError("The formula is empty.")


def _as_ascii(text: str) -> str:
    """Subscripts, full-width signs and foreign digits as ASCII, superscript charges as '^2-'."""
    charges = _SUPERSCRIPT_CHARGE.sub(lambda charge: "^" + charge[1].translate(_SUPERSCRIPT_TO_PLAIN), text)
    lonely = next((sign for sign in charges if sign in _SUPERSCRIPTS), None)
    if lonely:
        raise FormulaError(
            f"'{lonely}' in {_quoted(text)} is a superscript without a sign; write a charge as '^2-'."
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
            f"{_quoted(numbers)} in {_quoted(plain)} has two points; write the hydrate's as '·'."
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
        raise FormulaError(f"Nothing stands on one side of '·' in {_quoted(text)}.")
    state = _OXIDATION_STATE.search(part)
    if state:
        raise FormulaError(f"'{state[0]}' in {_quoted(text)} looks like an oxidation state; leave it out.")
    stack: list[dict[str, float]] = [{}]
    brackets: list[str] = []
    part = part.rstrip()
    last, place = "", 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None or token.lastgroup is None:
            raise _unreadable(part, place, text)
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
        raise FormulaError(f"'{brackets[-1]}' in {_quoted(text)} is never closed.")
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
        raise FormulaError(f"'{word}' in {_quoted(text)} closes a bracket that was never opened.")
    opened = brackets.pop()
    if _BRACKETS[opened] != word:
        raise FormulaError(f"'{opened}' in {_quoted(text)} is closed by '{word}'.")
    inner = stack.pop()
    if not inner:
        raise FormulaError(f"'{opened}{word}' in {_quoted(text)} is empty.")
    return inner


def _symbol(word: str, part: str, place: int, text: str, notes: list[str]) -> str:
    if word in ATOMIC_NUMBER:
        return word
    if word in _ISOTOPES:
        notes.append(_isotope_note(word, part[place : place + 2]))
        return "H"
    joined = part[max(place - 1, 0) : place] + word.lower()
    hint = f"; write '{joined}' if that was meant" if joined in ATOMIC_NUMBER else ""
    raise FormulaError(f"'{word}' in {_quoted(text)} is not an element{hint}.")


def _isotope_note(word: str, written: str) -> str:
    meant = _LOOKS_LIKE.get(written)
    doubt = f"; if {meant} was meant, correct '{written}'" if meant else ""
    return f"{word} read as hydrogen ({_ISOTOPES[word]}){doubt}."


def _misplaced(kind: str, word: str, last: str, text: str) -> FormulaError:
    if kind == "charge":
        return FormulaError(f"The charge '{word}' in {_quoted(text)} belongs to nothing.")
    if not last:
        return FormulaError(f"{_quoted(word)} begins {_quoted(text)}; leave the leading number out.")
    return FormulaError(f"{_quoted(word)} in {_quoted(text)} is a number without an element.")


def _unreadable(part: str, place: int, text: str) -> FormulaError:
    """Say why what stands at this place is neither element, amount, bracket nor charge."""
    while part[place].isspace():
        place += 1
    signed = _SIGNED.match(part, place)
    if signed:
        return _refused_sign(signed[0], part[:place], text)
    found = _UNREADABLE.match(part, place)
    word = found[0] if found else part[place]
    symbol = word[:2].capitalize() if word[:2].capitalize() in ATOMIC_NUMBER else word[:1].upper()
    if word.isalpha() and symbol in ATOMIC_NUMBER and not re.search(r"[0-9]$", part[:place]):
        return FormulaError(
            f"{_quoted(word)} in {_quoted(text)} is not an element; "
            f"symbols begin with a capital, as in '{symbol}'."
        )
    return FormulaError(
        f"{_quoted(word)} in {_quoted(text)} cannot be read; "
        f"a formula has elements, plain amounts and brackets."
    )


def _refused_sign(signed: str, before: str, text: str) -> FormulaError:
    sign, digits = signed[0], signed[1:]
    if digits:
        return FormulaError(
            f"{_quoted(signed)} in {_quoted(text)} is neither a positive amount nor a charge; "
            "write a charge as '^2+' or '^2-'."
        )
    item = re.search(r"([A-Z][a-z]?)([0-9.]*)$", before)
    if item and 0 < len(item[2]) < 9:
        symbol, number = item.groups()
        return FormulaError(
            f"'{symbol}{number}{sign}' in {_quoted(text)} could be {symbol} with charge {number}{sign} or "
            f"{symbol}{number} with charge {sign}; write {symbol}^{number}{sign} or {symbol}{number}^{sign}."
        )
    return FormulaError(f"'{sign}' in {_quoted(text)} cannot be read; write a charge as '^{sign}'.")


def _checked(total: dict[str, float], text: str, notes: list[str]) -> Composition:
    for symbol, amount in total.items():
        if not amount <= LARGEST_AMOUNT:
            raise FormulaError(f"The amount of {symbol} in {_quoted(text)} is above {LARGEST_AMOUNT:,.0f}.")
    kept = {symbol: amount for symbol, amount in total.items() if amount >= SMALLEST_AMOUNT}
    if not kept:
        raise FormulaError(f"No element in {_quoted(text)} has an amount above zero.")
    notes += [
        f"{symbol} is left out: its amount is {_none(total[symbol])}."
        for symbol in total
        if symbol not in kept
    ]
    return Composition(tuple(sorted(kept.items(), key=_atomic_number)), tuple(dict.fromkeys(notes)))


def _none(amount: float) -> str:
    return "zero" if amount == 0 else f"below {SMALLEST_AMOUNT:g}"


def _add(total: dict[str, float], amounts: dict[str, float], times: float) -> None:
    for symbol, amount in amounts.items():
        total[symbol] = total.get(symbol, 0.0) + amount * times


def _atomic_number(item: tuple[str, float]) -> int:
    return ATOMIC_NUMBER[item[0]]


def _quoted(text: str) -> str:
    """The text in quotation marks, its unprintable signs escaped, its middle left out if it is long."""
    short = text if len(text) <= 60 else f"{text[:40]}…{text[-15:]}"
    return "'" + "".join(s if s.isprintable() else ascii(s)[1:-1] for s in short) + "'"
