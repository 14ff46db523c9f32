"""The datasets that others publish: what they hold, where they lie, whom to cite."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from brnet.materials.properties import Quantity, guess_quantity
from brnet.materials.reading import Task

TABLE = Path(__file__).with_name("data") / "catalog.json"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the CSV that `catalog.fetch` gives, and its name in the published file."""

    name: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PublicDataset:
    """A table that others publish.

    `targets` can be learned, the first is the usual one; `beside` are conditions and identifiers, given
    along as they stand. `source_formula` names the published column of formulas or of crystal structures.
    `sha256` is empty where none is published. `member` is the file inside a zip archive of JARVIS, empty
    for the gzipped tables of matminer.
    """

    name: str
    title: str
    group: Literal["Matbench", "Measurements", "Calculations"]
    rows: int
    source_formula: str
    targets: tuple[Column, ...]
    beside: tuple[Column, ...] = ()
    task: Task = "regression"
    citation: str
    licence: str
    url: str
    sha256: str
    member: str = ""
    formula_column: str = "formula"

    @property
    def target_column(self) -> str:
        """The header of the usual target."""
        return self.targets[0].name

    @property
    def quantity(self) -> Quantity:
        """What the usual target means."""
        return self.quantity_of(self.target_column)

    def quantity_of(self, column: str) -> Quantity:
        """What the target under this header means: its header says it, or the dataset's name."""
        return guess_quantity(column, table_name=self.name)

    @property
    def file_name(self) -> str:
        """The name under which a mirror keeps the file: the one that matminer and jarvis-tools give it."""
        return f"{self.member}.zip" if self.member else f"{self.name}.json.gz"

    @property
    def key(self) -> str:
        """16 digits that change with the published file and with what is taken from it."""
        columns = [self.formula_column, self.source_formula]
        columns += [part for column in self.columns for part in (column.name, column.source)]
        return hashlib.sha256("\n".join([self.sha256 or self.url, *columns]).encode()).hexdigest()[:16]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns beside the formula, as they follow in the CSV."""
        return self.targets + self.beside

    @property
    def terms(self) -> str:
        """What it holds, whom to cite, the licence and how a download is checked, for the page."""
        held = "; ".join(dict.fromkeys(self._words(column) for column in self.targets))
        unchecked = "" if self.sha256 else " No checksum is published: only the number of rows is checked."
        return f"{held}. {self.citation}. Licence: {self.licence}.{unchecked}"

    def _words(self, column: Column) -> str:
        return self.quantity.axis if column.name == "target" else column.name


def _read(path: Path) -> dict[str, PublicDataset]:
    table = json.loads(path.read_text(encoding="utf-8"))
    datasets = (_dataset(entry, table["citations"]) for entry in table["datasets"])
    return {dataset.name: dataset for dataset in datasets}


def _dataset(entry: Mapping[str, Any], citations: Mapping[str, str]) -> PublicDataset:
    rest = {key: entry[key] for key in entry.keys() - {"formula", "targets", "beside", "cite"}}
    return PublicDataset(
        **rest,
        source_formula=entry["formula"],
        targets=_columns(entry["targets"]),
        beside=_columns(entry.get("beside", {})),
        citation="; ".join(citations[key] for key in entry["cite"]),
    )


def _columns(names: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name=name, source=source) for name, source in names.items())


CATALOG: dict[str, PublicDataset] = _read(TABLE)
