"""Why a text is no formula, in a sentence: signs that mean nothing, and what spreadsheets leave behind."""

import re

from brnet.errors import FormulaError
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.settings import settings

_UNREADABLE = re.compile(r"[^A-Z0-9()\[\]{}\s]+|.", re.DOTALL)
_SIGNED = re.compile(r"[+-][0-9.]*")
_SYSTEM = re.compile(r"[A-Z][a-z]?(?:\s?-\s?[A-Z][a-z]?)++")

# What a spreadsheet shows of a date, in English and German: '2-Mar', 'Mär 24', '02.03.2024 00:00'.
_MONTH = (
    r"(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|mär(?:z)?|mrz|apr(?:il)?|ma[yi]|june?|juni|july?|juli|"
    r"aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
_GAP = r"[-./\s]{0,2}"
_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:\s?[ap]\.?m\.?)?"
_DATE = re.compile(
    rf"(?:(?:[0-9]{{1,4}}{_GAP}{_MONTH}(?:{_GAP}[0-9]{{1,4}})?|{_MONTH}{_GAP}[0-9]{{1,4}}(?:,?\s?[0-9]{{4}})?"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|[0-9]{1,2}/[0-9]{1,2})"
    rf"(?:[T\s]{_TIME})?|{_TIME})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9.,' ]*+|[.,][0-9]++)(?:[eE][-+]?[0-9]++)?\s?%?")
_ERROR_VALUES = frozenset(
    {"#NAME?", "#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
    | {"#WERT!", "#BEZUG!", "#NV", "#ZAHL!"}
)
_TRUTH_VALUES = frozenset({"TRUE", "FALSE", "WAHR", "FALSCH"})
_RETYPE = "format the column as text and type the formula again"


def refuse_impossible(text: str) -> None:
    """Raises FormulaError for what is no text, too long or empty."""
    if not isinstance(text, str):
        raise FormulaError(f"A formula is a text, not {text!r}.")
    longest = settings().max_formula_length
    if len(text) > longest:
        raise FormulaError(
            f"The formula beginning {quoted(text[:20])} has {len(text):,} characters; "
            f"at most {longest:,} are read."
        )
    if not text.strip():
        raise FormulaError("The formula is empty.")


def left_by_spreadsheet(text: str) -> str:
    """Why a text that cannot be read is what a spreadsheet made of a formula; '' where it is not."""
    text = text.strip()
    if _DATE.fullmatch(text):
        return f"{quoted(text)} is a date or time that a spreadsheet made of a formula; {_RETYPE}."
    if _NUMBER.fullmatch(text):
        return f"{quoted(text)} is a number; if a spreadsheet made it of a formula, {_RETYPE}."
    if text.upper() in _ERROR_VALUES:
        return f"{quoted(text)} is an error that a spreadsheet left in the cell; {_RETYPE}."
    if text.upper() in _TRUTH_VALUES:
        return f"{quoted(text)} is a truth value that a spreadsheet made of the cell; {_RETYPE}."
    if text.startswith("="):
        return f"{quoted(text)} is a calculation of a spreadsheet; save its results and upload those."
    return ""


def unreadable(part: str, place: int, text: str) -> FormulaError:
    """Why what stands at this place is neither element, amount, bracket nor charge."""
    while part[place].isspace():
        place += 1
    if _SYSTEM.fullmatch(part) and ATOMIC_NUMBER.keys() >= set(part.replace(" ", "").split("-")):
        return FormulaError(f"{quoted(text)} names elements without amounts; write a number behind each.")
    signed = _SIGNED.match(part, place)
    if signed:
        return _refused_sign(signed[0], part[:place], text)
    found = _UNREADABLE.match(part, place)
    word = found[0] if found else part[place]
    symbol = word[:2].capitalize() if word[:2].capitalize() in ATOMIC_NUMBER else word[:1].upper()
    if word.isalpha() and symbol in ATOMIC_NUMBER and not re.search(r"[0-9]$", part[:place]):
        return FormulaError(
            f"{quoted(word)} in {quoted(text)} is not an element; "
            f"symbols begin with a capital, as in '{symbol}'."
        )
    return FormulaError(
        f"{quoted(word)} in {quoted(text)} cannot be read; "
        f"a formula has elements, plain amounts and brackets."
    )


def quoted(text: str) -> str:
    """The text in quotation marks, its unprintable signs escaped, its middle left out if it is long."""
    short = text if len(text) <= 60 else f"{text[:40]}…{text[-15:]}"
    return "'" + "".join(s if s.isprintable() else ascii(s)[1:-1] for s in short) + "'"


def _refused_sign(signed: str, before: str, text: str) -> FormulaError:
    sign, digits = signed[0], signed[1:]
    if digits:
        return FormulaError(
            f"{quoted(signed)} in {quoted(text)} is neither a positive amount nor a charge; "
            "write a charge as '^2+' or '^2-'."
        )
    item = re.search(r"([A-Z][a-z]?)([0-9.]*)$", before)
    if item and 0 < len(item[2]) < 9:
        symbol, number = item.groups()
        return FormulaError(
            f"'{symbol}{number}{sign}' in {quoted(text)} could be {symbol} with charge {number}{sign} or "
            f"{symbol}{number} with charge {sign}; write {symbol}^{number}{sign} or {symbol}{number}^{sign}."
        )
    return FormulaError(f"'{sign}' in {quoted(text)} cannot be read; write a charge as '^{sign}'.")
