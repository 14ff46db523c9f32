"""The table form that matminer publishes, {"index", "columns", "data"}, read row by row from a stream.

The largest such file unpacks to more than fits comfortably in memory, because each row carries a crystal
structure; only its composition is wanted here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from brnet.materials.public.json_stream import JsonStream

_SYMBOL = re.compile(r"[A-Z][a-z]?")


def read_rows(text: IO[str], *, formula: str, columns: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """(formula, cells of `columns`) of each row; a structure gives the formula of its cell.

    `formula` and `columns` name columns of the file. Raises ValueError where the file has another form.
    """
    stream = JsonStream(text)
    named: list[str] | None = None
    stream.expect("{")
    while not stream.meets("}"):
        key = stream.value()
        if key != "data":
            named = stream.value() if key == "columns" else (stream.value(), named)[1]
            continue
        if named is None:
            raise ValueError("the rows come before the names of the columns")
        yield from _data(stream, named.index(formula), [named.index(name) for name in columns])


def formula_text(amounts: Mapping[str, float]) -> str:
    """{'O': 6, 'Fe': 4} -> 'Fe4O6'."""
    return "".join(f"{symbol}{amount:.10g}" for symbol, amount in sorted(amounts.items()))


def _data(stream: JsonStream, formula: int, columns: Sequence[int]) -> Iterator[tuple[str, list[Any]]]:
    stream.expect("[")
    while not stream.meets("]"):
        row = stream.value()
        yield _formula(row[formula]), [row[column] for column in columns]


def _formula(cell: Any) -> str:
    """A composition as it stands; of a pymatgen structure the atoms in the cell: 'Fe4O6'."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    amounts: dict[str, float] = {}
    for site in cell["sites"]:
        for species in site["species"]:
            symbol = _symbol(species["element"])
            amounts[symbol] = amounts.get(symbol, 0.0) + species["occu"]
    return formula_text(amounts)


def _symbol(species: str) -> str:
    """'Fe' of 'Fe' and of 'Fe3+'."""
    found = _SYMBOL.match(species)
    if found is None:
        raise ValueError(f"'{species}' is no element")
    return found[0]
