"""Tables to begin with: public datasets, fetched and made a CSV, and an example that needs no download."""

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import IO, Any

import numpy as np

from brnet.disk import write_whole
from brnet.errors import UnavailableError
from brnet.materials.public import jarvis_json
from brnet.materials.public.download import Progress, download
from brnet.materials.public.entries import CATALOG, PublicDataset
from brnet.materials.public.internet import WAY_OUT, mirrored
from brnet.materials.public.jarvis_json import read_records
from brnet.materials.public.matminer_json import read_rows
from brnet.materials.public.miedema import ELEMENTS, formation_enthalpy
from brnet.materials.public.partial import WrongContentError, partial

__all__ = ["CATALOG", "EXAMPLE_NAME", "PublicDataset", "example_table", "fetch"]

EXAMPLE_NAME = "Miedema alloys"
EXAMPLE_HEADER = ("formula", "formation enthalpy (kJ/mol)")
COMPOUNDS = ((3, 1), (1, 1), (1, 3))  # atoms of the more electropositive metal, atoms of the other
# Near copies of a neighbour in the model's table, left out to keep the example small.
TWINS = frozenset({"Rb", "Cs", "Tl", "Pr", "Sm", "Tb", "Ho", "Tm", "Lu"})

MISSING = frozenset({"", "na", "nan", "none"})  # as JARVIS and pandas write it
Row = tuple[str, list[Any]]  # a formula, the cells of the other columns


def example_table() -> bytes:
    """A CSV of formation enthalpies of binary alloys, in kJ per mole of atoms: the same bytes every time.

    They are the output of a semi-empirical model, computed on the spot, and no measurements: a table to
    learn with, whose every number can be checked (brnet.materials.public.miedema names the source).
    """
    pairs = list(combinations(sorted(ELEMENTS.keys() - TWINS, key=_electronegativity), 2))
    first, second = zip(*pairs, strict=True)
    enthalpies = [formation_enthalpy(first, second, np.full(len(pairs), a / (a + b))) for a, b in COMPOUNDS]
    rows = (
        (f"{x}{_count(a)}{y}{_count(b)}", f"{enthalpy:.2f}")
        for (x, y), values in zip(pairs, np.transpose(enthalpies), strict=True)
        for (a, b), enthalpy in zip(COMPOUNDS, values, strict=True)
    )
    return _csv(EXAMPLE_HEADER, rows)


def fetch(dataset: PublicDataset, *, cache: Path, progress: Progress | None = None) -> bytes:
    """The dataset as CSV, from the folder `cache` or downloaded into it; `progress` is told shares of 1.

    A download that breaks off leaves its part in the cache, and the next one goes on from there.
    Raises UnavailableError, one sentence with the dataset's title, when it cannot be had.
    """
    kept = cache / f"{dataset.name}-{dataset.key}.csv"
    tell = progress or _tell_nobody
    try:
        if not kept.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            _bring(dataset, kept, tell)
        return kept.read_bytes()
    except OSError as failure:
        raise UnavailableError(
            f"{dataset.title} could not be kept in {cache} ({(failure.strerror or str(failure)).lower()}); "
            "make room there, or set BRNET_HOME to another folder."
        ) from failure


def _bring(dataset: PublicDataset, kept: Path, tell: Progress) -> None:
    """Download and unpack, unless another process has done so while this one waited for the part."""
    url = mirrored(dataset.url, file_name=dataset.file_name)
    with partial(kept.with_name(f".{dataset.name}-{dataset.sha256[:16] or 'unchecked'}.part")) as packed:
        if kept.is_file():
            return
        download(
            url, packed, title=dataset.title, sha256=dataset.sha256, progress=lambda share: tell(share / 2)
        )
        write_whole(kept, _unpacked(packed, dataset, tell))
    tell(1.0)


def _unpacked(packed: IO[bytes], dataset: PublicDataset, tell: Progress) -> bytes:
    try:
        with _rows(packed, dataset) as found:
            rows = [_cells(row, dataset) for row in _counted(found, dataset, tell)]
        _refuse_empty(rows, dataset)
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
    ) as failure:
        raise WrongContentError(
            f"The download of {dataset.title} has not the form in which it is published ({failure}); "
            f"{WAY_OUT}."
        ) from failure
    if len(rows) != dataset.rows:
        raise WrongContentError(
            f"The download of {dataset.title} holds {len(rows):,} rows in place of {dataset.rows:,}; "
            f"{WAY_OUT}."
        )
    return _csv((dataset.formula_column, *(column.name for column in dataset.columns)), rows)


@contextmanager
def _rows(packed: IO[bytes], dataset: PublicDataset) -> Iterator[Iterator[Row]]:
    """The rows of a published file, read as they are asked for."""
    names = [column.source for column in dataset.columns]
    if dataset.member:
        with jarvis_json.opened(packed, member=dataset.member) as text:
            yield read_records(text, formula=dataset.source_formula, columns=names)
    else:
        with gzip.open(packed, "rt", encoding="utf-8") as text:
            yield read_rows(text, formula=dataset.source_formula, columns=names)


def _counted(rows: Iterator[Row], dataset: PublicDataset, tell: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            tell(min(1.0, 0.5 + 0.5 * number / dataset.rows))
        yield row


def _cells(row: Row, dataset: PublicDataset) -> list[object]:
    """A row of the CSV: the formula, the targets as numbers, what stands beside them as text."""
    formula, cells = row
    n_targets = len(dataset.targets)
    whole = dataset.task == "classification"
    return [formula, *(_number(c, whole=whole) for c in cells[:n_targets]), *map(_text, cells[n_targets:])]


def _number(cell: Any, *, whole: bool) -> object:
    """A number, '' where it is missing; another text as it stands, for the table's reader to name."""
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in MISSING):
        return ""
    try:
        number = float(cell)
    except ValueError:
        return str(cell)
    if math.isnan(number):
        return ""
    return int(number) if whole and number.is_integer() else number


def _text(cell: Any) -> str:
    """A cell as it stands, lists and dictionaries as JSON; '' where it is missing."""
    if isinstance(cell, list | dict):
        return json.dumps(cell)
    text = "" if cell is None else str(cell)
    return "" if text.lower() in MISSING else text


def _refuse_empty(rows: Sequence[Sequence[object]], dataset: PublicDataset) -> None:
    """A target without any number is a column of another name or form."""
    for place, column in enumerate(dataset.targets, start=1):
        if rows and not any(isinstance(row[place], int | float) for row in rows):
            raise ValueError(f"{column.source!r} holds no numbers")


def _tell_nobody(share: float) -> None:
    pass


def _electronegativity(symbol: str) -> tuple[float, str]:
    return ELEMENTS[symbol].members[symbol][0], symbol


def _count(atoms: int) -> str:
    return "" if atoms == 1 else str(atoms)


def _csv(header: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
