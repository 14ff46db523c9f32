"""Excel workbooks (XLSX, XLSM) read sheet by sheet: saved values only; macros and links are left alone.

Own code, because calamine 0.9.1 lays out a sheet from its first to its last cell, so that two far cells in a
file of 5 KB end the process for want of 550 GB, and openpyxl 3.1.5 takes three times as long as this.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from brnet.errors import TableError
from brnet.materials.archive import unpack_member
from brnet.materials.limits import refuse_many_cells
from brnet.materials.safe_xml import find_elements, local, read_xml
from brnet.materials.sheets import Sheet, SheetPlace, checked_row, column_number, date_text, saved_number

# ECMA-376 part 1, 18.8.30: numbers of formats that show dates or times of day; 46 counts hours beyond a day.
DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)])
LONGEST_FORMAT = 255  # characters; Excel allows no more
ELEMENTS_A_CELL = 4  # row, c, v and f, or row, c, is and t
ELEMENTS_A_STRING = 40  # of a formula with subscripts each letter and digit has its own format

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_ESCAPED = re.compile(r"_x(00(?!00)[0-9A-Fa-f]{2})_")  # control characters, which XML lacks
_LOGICAL = {"1": "true", "0": "false"}


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """What a workbook holds. `dates` are the styles that show a number as a date."""

    name: str
    archive: zipfile.ZipFile
    places: tuple[SheetPlace, ...]
    dates: frozenset[str]
    since_1904: bool
    strings_member: str
    notes: tuple[str, ...]

    @cached_property
    def strings(self) -> list[str]:
        """The texts that cells share."""
        if not self.strings_member:
            return []
        reader = _StringReader(self.name)
        read_xml(unpack_member(self.archive, self.strings_member, name=self.name), reader, name=self.name)
        return reader.strings

    def sheet(self, place: SheetPlace) -> Sheet:
        """Its cells. Raises TableError where they are broken or above a limit."""
        reader = _SheetReader(self, place)
        read_xml(unpack_member(self.archive, place.member, name=self.name), reader, name=self.name)
        return reader.sheet


def open_workbook(archive: zipfile.ZipFile, *, name: str) -> Workbook:
    """A workbook without its cells. Raises TableError where it is broken."""
    members = frozenset(archive.namelist())
    start = _related(archive, members, "", name)
    path = next((member for kind, member in start.values() if kind == "officeDocument"), "xl/workbook.xml")
    if path not in members or not path.endswith(".xml"):
        raise TableError(f"{name} holds no worksheets that can be read; save it as XLSX or CSV.")
    elements = find_elements(unpack_member(archive, path, name=name), "workbookPr", "sheet", name=name)
    parts = _related(archive, members, path, name)
    of_kind = dict(parts.values())
    return Workbook(
        name=name,
        archive=archive,
        places=tuple(_places(elements, parts)),
        dates=_date_styles(archive, of_kind.get("styles", ""), name),
        since_1904=any(attributes.get("date1904") in ("1", "true") for _, attributes in elements),
        strings_member=of_kind.get("sharedStrings", ""),
        notes=tuple(_notes(members)),
    )


def _related(
    archive: zipfile.ZipFile, members: frozenset[str], path: str, name: str
) -> dict[str, tuple[str, str]]:
    """The parts that a part names: their kind and member by identifier. External ones are left out."""
    folder, file = posixpath.split(path)
    member = posixpath.join(folder, "_rels", f"{file}.rels")
    if member not in members:
        return {}
    parts = {}
    for _, attributes in find_elements(unpack_member(archive, member, name=name), "Relationship", name=name):
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
        if attributes.get("TargetMode") != "External" and target in members:
            parts[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)
    return parts


def _places(
    elements: Sequence[tuple[str, dict[str, str]]], parts: dict[str, tuple[str, str]]
) -> Iterator[SheetPlace]:
    """The worksheets in their order; charts and the like are passed over, and so is a second name of one."""
    seen = set()
    for attributes in (attributes for tag, attributes in elements if tag == "sheet"):
        identifier = next((value for key, value in attributes.items() if local(key) == "id"), "")
        kind, member = parts.get(identifier, ("", ""))
        if kind == "worksheet" and member not in seen:
            seen.add(member)
            hidden = attributes.get("state", "visible") != "visible"
            yield SheetPlace(name=attributes.get("name", ""), hidden=hidden, member=member)


def _date_styles(archive: zipfile.ZipFile, member: str, name: str) -> frozenset[str]:
    """The numbers of the cell styles whose format shows a date."""
    if not member:
        return frozenset()
    pieces = unpack_member(archive, member, name=name)
    elements = find_elements(pieces, "numFmt", "cellStyleXfs", "cellXfs", "xf", name=name)
    dates = set(map(str, DATE_FORMATS))
    styles: list[str] = []
    group = ""
    for tag, attributes in elements:
        if tag == "numFmt" and _shows_date(attributes.get("formatCode", "")):
            dates.add(attributes.get("numFmtId", ""))
        elif tag == "xf" and group == "cellXfs":
            styles.append(attributes.get("numFmtId", ""))
        elif tag != "xf":
            group = tag
    return frozenset(str(place) for place, style in enumerate(styles) if style in dates)


def _shows_date(code: str) -> bool:
    """'dd/mm/yyyy' does, '0.00E+00', '[Red]0.0' and '[h]:mm' do not."""
    if len(code) > LONGEST_FORMAT or _ELAPSED.search(code):
        return False
    return re.search("[ymdhs]", _LITERAL.sub("", code), re.IGNORECASE) is not None


def _notes(members: frozenset[str]) -> Iterator[str]:
    if any(member.endswith("vbaProject.bin") for member in members):
        yield "The macros of the workbook were left alone."
    if any(member.startswith("xl/externalLinks/") for member in members):
        yield "Links to other files were not followed; the values saved with the workbook were read."


def _unescaped(text: str) -> str:
    """'a_x000A_b' -> a, line feed, b."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _StringReader:
    """Shared strings, the texts of their differently formatted parts joined."""

    def __init__(self, name: str) -> None:
        self.strings: list[str] = []
        self.n_elements = 0
        self._name, self._words, self._listens, self._in_phonetic = name, list[str](), False, False

    @property
    def n_explained(self) -> int:
        return ELEMENTS_A_STRING * len(self.strings)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        tag = tag.rpartition(":")[2]
        if tag == "si":
            self._words.clear()
        elif tag == "t":
            self._listens = not self._in_phonetic
        elif tag == "rPh":
            self._in_phonetic = True

    def closed(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "t":
            self._listens = False
        elif tag == "rPh":
            self._in_phonetic = False
        elif tag == "si":
            self.strings.append(_unescaped("".join(self._words)))
            refuse_many_cells(self._name, len(self.strings))

    def said(self, text: str) -> None:
        if self._listens:
            self._words.append(text)


class _SheetReader:
    """The cells of one worksheet."""

    def __init__(self, workbook: Workbook, place: SheetPlace) -> None:
        self.sheet = Sheet(name=place.name, file_name=workbook.name)
        self.n_elements = 0
        self._strings, self._dates = workbook.strings, workbook.dates
        self._since_1904 = workbook.since_1904
        self._row = self._column = 0
        self._kind = self._style = ""
        self._words: list[str] = []
        self._listens = self._calculates = self._in_phonetic = False

    @property
    def n_explained(self) -> int:
        return ELEMENTS_A_CELL * (len(self.sheet.texts) + len(self.sheet.unsaved))

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        tag = tag.rpartition(":")[2]
        if tag == "c":
            reference = attributes.get("r")
            self._column = column_number(reference) if reference else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._words.clear()
            self._calculates = False
        elif tag in ("v", "t"):
            self._listens = not self._in_phonetic
        elif tag == "f":
            self._calculates = True
        elif tag == "row":
            self._row, self._column = checked_row(int(attributes.get("r", self._row + 1))), 0
        elif tag == "rPh":
            self._in_phonetic = True
        elif tag == "mergeCell":
            first, _, last = attributes.get("ref", "").replace("$", "").partition(":")
            self.sheet.merge(*_row_and_column(first), *_row_and_column(last or first))

    def closed(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            text = "".join(self._words)
            if text:
                self.sheet.add(self._row, self._column, self._shown(text))
            elif self._calculates and self._kind != "str":
                self.sheet.unsaved.append((self._row, self._column))
        elif tag in ("v", "t"):
            self._listens = False
        elif tag == "rPh":
            self._in_phonetic = False

    def said(self, text: str) -> None:
        if self._listens:
            self._words.append(text)

    def _shown(self, text: str) -> str:
        """The saved value of a cell as text, by the kind of its value (ECMA-376 part 1, 18.18.11)."""
        if self._kind == "s":
            place = int(text)
            if place < 0:
                raise IndexError(f"there is no text {place}")
            return self._strings[place]
        if self._kind == "n":
            if self._style in self._dates:
                return date_text(float(text), since_1904=self._since_1904)
            return saved_number(text)
        if self._kind == "b":
            return _LOGICAL.get(text.strip(), text)
        if self._kind == "d":
            return text.replace("T00:00:00", "").replace("T", " ")
        return _unescaped(text)


def _row_and_column(reference: str) -> tuple[int, int]:
    column = column_number(reference)
    return checked_row(int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))), column
