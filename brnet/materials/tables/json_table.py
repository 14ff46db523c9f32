"""JSON read into a table of texts: records, columns, or matminer's {"index", "columns", "data"}."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brnet.errors import TableError
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.public.matminer_json import formula_text
from brnet.materials.tables.header import HEAD_ROWS, read_head, unique_names
from brnet.materials.tables.json_window import JsonWindow
from brnet.materials.tables.limits import (
    LONGEST_CELL,
    cell_too_long,
    refuse_large,
    refuse_many_cells,
    refuse_many_columns,
    rows_allowed,
    too_many_rows,
)
from brnet.materials.tables.table import Table, clean_text, table_of

NAMED = 5  # columns in a note

_SYMBOL = re.compile(r"[A-Z][a-z]?")

Cell = str | None
"""A text, or None where the file has a list or an object that is no formula."""


@dataclass
class _Records:
    """Cells by the names of their columns; a record that lacks a name leaves its cell empty."""

    name: str
    columns: dict[str, list[Cell]] = field(default_factory=dict)
    n_records: int = 0

    def add(self, record: Mapping[str, Any]) -> None:
        self.n_records += 1
        for key, value in record.items():
            if key not in self.columns:
                self.columns[key] = []
                refuse_large(self.name, n_rows=self.n_records, n_columns=len(self.columns))
            cells = self.columns[key]
            cells.extend([""] * (self.n_records - 1 - len(cells)))
            cells.append(_cell(value, self.name, self.n_records))
        if self.n_records > rows_allowed(len(self.columns)):
            raise too_many_rows(self.name, len(self.columns))


@dataclass
class _Rows:
    """Rows of cells, which need not be equally long."""

    rows: list[list[Cell]] = field(default_factory=list)


_Part = _Records | _Rows | list[Cell] | dict[str, Cell] | Cell
"""What the file holds in one place: records, rows, cells of a column, cells by the names of rows, a cell."""


def read_json(data: bytes, *, name: str) -> Table:
    """A JSON file -> its table, records numbered from 1. Structures and compositions give their formulas.

    It is a list of records, of rows under a row of names, an object of columns, one with 'columns' and 'data'
    or with a list of records, or one record a line. Raises TableError where it is none of these.
    """
    window = JsonWindow(data, name=name)
    if window.peek() == "[":
        part: _Part = _read_list(window, name)
        if window.peek():
            raise window.broken("something follows its end")
        return _table_of_list(part, name)
    if window.peek() != "{":
        raise _other_form(name)
    parts = _read_object(window, name)
    if not window.peek():
        return _table_of_parts(parts, name)
    records = _Records(name)
    records.add({key: part if isinstance(part, str) else [] for key, part in parts.items()})
    while window.peek():
        records.add(_record(window.value(), name))
    return _table_of_columns(records.columns, records.n_records, name)


def _read_list(window: JsonWindow, name: str) -> _Part:
    """A list whose first element says what it is made of."""
    records, rows, cells = _Records(name), _Rows(), list[Cell]()
    n_cells = 0
    limit = rows_allowed(1)
    for n_elements, sign in enumerate(window.elements(), start=1):
        value = window.value()
        if n_elements > limit:
            raise too_many_rows(name, 1)
        if records.n_records or (n_elements == 1 and sign == "{" and not _formula(value)):
            records.add(_record(value, name))
        elif rows.rows or (n_elements == 1 and sign == "["):
            row = value if isinstance(value, list) else [value]
            rows.rows.append([_cell(item, name, n_elements) for item in row])
            n_cells += len(row)
            if n_cells > limit:  # asked once in many rows
                refuse_many_cells(name, n_cells)
        else:
            cells.append(_cell(value, name, n_elements))
    if records.n_records:
        return records
    return rows if rows.rows else cells


def _read_object(window: JsonWindow, name: str) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    n_cells = 0
    for key in window.members():
        sign = window.peek()
        part = (
            _read_list(window, name) if sign == "[" else _read_entries(window, name) if sign == "{" else None
        )
        parts[key] = _cell(window.value(), name, 1) if part is None else part
        n_cells += _n_cells(part)
        refuse_many_cells(name, n_cells)
    return parts


def _n_cells(part: _Part) -> int:
    if isinstance(part, _Records):
        return part.n_records * len(part.columns)
    if isinstance(part, _Rows):
        return sum(map(len, part.rows))
    return len(part) if isinstance(part, (list, dict)) else 1


def _read_entries(window: JsonWindow, name: str) -> dict[str, Cell]:
    entries: dict[str, Cell] = {}
    for key in window.members():
        entries[key] = _cell(window.value(), name, len(entries) + 1)
        if len(entries) > rows_allowed(1):
            raise too_many_rows(name, 1)
    return entries


def _table_of_list(part: _Part, name: str) -> Table:
    if isinstance(part, _Records):
        return _table_of_columns(part.columns, part.n_records, name)
    if not isinstance(part, _Rows):
        raise _other_form(name)
    top = [[cell or "" for cell in row] for row in part.rows[:HEAD_ROWS]]
    head = read_head(top, range(1, len(top) + 1))
    return _table_of_rows(head.names, part.rows, name, first=head.first, notes=head.notes)


def _table_of_parts(parts: Mapping[str, _Part], name: str) -> Table:
    """The table of an object, by what its members hold."""
    names, rows = parts.get("columns"), parts.get("data")
    if isinstance(names, list) and isinstance(rows, _Rows):
        return _table_of_rows(unique_names([cell or "" for cell in names]), rows.rows, name)
    records = {key: part for key, part in parts.items() if isinstance(part, _Records)}
    if len(records) == 1:
        ((key, found),) = records.items()
        notes = (f"The records were read from {key[:40]!r}.",)
        return _table_of_columns(found.columns, found.n_records, name, notes=notes)
    entries = {key: part for key, part in parts.items() if isinstance(part, dict)}
    if entries and len(entries) == len(parts):
        return _table_of_entries(entries, name)
    columns = {key: part for key, part in parts.items() if isinstance(part, list)}
    if not columns:
        columns = {key: [part] for key, part in parts.items() if isinstance(part, str)}
    lengths = {key: len(cells) for key, cells in columns.items()}
    if not columns or records:
        raise _other_form(name)
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{key[:40]!r} {length:,}" for key, length in list(lengths.items())[:NAMED])
        raise TableError(
            f"The columns of {name} are not equally long ({shown}); write one value a row in each."
        )
    left_out = [key for key in parts if key not in columns]
    remarks = [f"Left out, because they are no columns: {_named(left_out)}."] if left_out else []
    return _table_of_columns(columns, max(lengths.values()), name, notes=remarks)


def _table_of_entries(entries: Mapping[str, Mapping[str, Cell]], name: str) -> Table:
    """Columns of cells by the names of rows, or records by their names: pandas writes both."""
    names = {row for cells in entries.values() for row in cells}
    if all(map(str.isdecimal, entries)) and not any(map(str.isdecimal, names)):
        records = _Records(name)
        for record in entries.values():
            records.add({key: [] if cell is None else cell for key, cell in record.items()})
        return _table_of_columns(records.columns, records.n_records, name)
    refuse_large(name, n_rows=len(names), n_columns=len(entries))
    order = list(dict.fromkeys(row for cells in entries.values() for row in cells))
    columns = {key: [cells.get(row, "") for row in order] for key, cells in entries.items()}
    return _table_of_columns(columns, len(order), name)


def _table_of_rows(
    names: Sequence[str], rows: Sequence[list[Cell]], name: str, *, first: int = 0, notes: Sequence[str] = ()
) -> Table:
    """Rows under names; a row of another length is set aside."""
    refuse_many_columns(name, len(names))
    fitting = [number for number in range(first, len(rows)) if len(rows[number]) == len(names)]
    ragged = [
        (number + 1, f"The row has {len(rows[number])} cells where there are {len(names)} columns.")
        for number in range(first, len(rows))
        if len(rows[number]) != len(names)
    ]
    if ragged and not fitting:
        raise TableError(
            f"No row of {name} has as many cells as there are columns, {len(names)}; check 'columns'."
        )
    columns = {key: [rows[number][place] for number in fitting] for place, key in enumerate(names)}
    lines = np.array(fitting, dtype=np.int64) + 1
    return _table_of_columns(columns, len(fitting), name, lines=lines, ragged=ragged, notes=notes)


def _table_of_columns(
    columns: Mapping[str, list[Cell]],
    n_rows: int,
    name: str,
    *,
    lines: np.ndarray | None = None,
    ragged: Sequence[tuple[int, str]] = (),
    notes: Sequence[str] = (),
) -> Table:
    """Columns of texts; those with lists or objects are left out, and so are rows without any text."""
    refuse_large(name, n_rows=n_rows, n_columns=len(columns))
    kept = [key for key, cells in columns.items() if None not in cells]
    nested = [key for key in columns if key not in set(kept)]
    if nested:
        notes = [*notes, f"Left out, because they hold lists or objects: {_named(nested)}."]
    cells = np.full((n_rows, len(kept)), "", dtype=object)
    for place, key in enumerate(kept):
        cells[: len(columns[key]), place] = columns[key]
    filled = np.array([any(map(str.strip, row)) for row in cells], dtype=bool)
    if not filled.any():
        raise TableError(f"{name} has no rows with values in columns; upload a table with some.")
    lines = np.arange(1, n_rows + 1) if lines is None else lines
    header = unique_names(list(map(clean_text, kept)))
    return table_of(name, header, cells[filled], lines=lines[filled], ragged=ragged, notes=notes)


def _record(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TableError(f"{name} mixes records with other values; write one object for each row.")
    return value


def _cell(value: Any, name: str, line: int) -> Cell:
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise cell_too_long(name, line)
        return clean_text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _formula(value) or None if isinstance(value, dict) else None


def _formula(value: Mapping[str, Any]) -> str:
    """Of a pymatgen structure the atoms in its cell, of amounts by elements these: 'Fe4O6'; else ''."""
    amounts: dict[str, float] = {}
    try:
        if "sites" in value:
            for site in value["sites"]:
                for species in site["species"]:
                    symbol = _SYMBOL.match(species["element"])
                    if symbol is None:
                        return ""
                    amounts[symbol[0]] = amounts.get(symbol[0], 0.0) + float(species["occu"])
        elif value.keys() <= ATOMIC_NUMBER.keys():
            amounts = {symbol: float(amount) for symbol, amount in value.items()}
    except (TypeError, ValueError, LookupError, AttributeError):
        return ""
    return formula_text(amounts) if all(0 < amount < float("inf") for amount in amounts.values()) else ""


def _named(keys: Sequence[str]) -> str:
    shown = ", ".join(repr(clean_text(key)[:40]) for key in keys[:NAMED])
    return f"{shown}, …" if len(keys) > NAMED else shown


def _other_form(name: str) -> TableError:
    return TableError(
        f"{name} is JSON, but no table: write a list of records, such as "
        '[{"formula": "GaAs", "gap": 1.42}], or an object with \'columns\' and \'data\'.'
    )
