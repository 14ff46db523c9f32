"""Tables to begin with: public datasets with their origin, and an example that needs no download."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from brnet.disk import write_whole
from brnet.errors import UnavailableError
from brnet.materials.dataset import Task
from brnet.materials.download import WAY_OUT, Progress, download
from brnet.materials.matminer_json import read_rows
from brnet.materials.miedema import ELEMENTS, formation_enthalpy
from brnet.materials.properties import Quantity, guess_quantity

EXAMPLE_NAME = "Miedema alloys"
EXAMPLE_HEADER = ("formula", "formation enthalpy (kJ/mol)")
COMPOUNDS = ((3, 1), (1, 1), (1, 3))  # atoms of the more electropositive metal, atoms of the other
# Near copies of a neighbour in the model's table, left out to keep the example small.
TWINS = frozenset({"Rb", "Cs", "Tl", "Pr", "Sm", "Tb", "Ho", "Tm", "Lu"})

MATBENCH = "A. Dunn et al., npj Comput. Mater. 6, 138 (2020), doi 10.1038/s41524-020-00406-3"
MATERIALS_PROJECT = f"A. Jain et al., APL Mater. 1, 011002 (2013), doi 10.1063/1.4812323; {MATBENCH}"
ZHUO = (
    "Y. Zhuo, A. Mansouri Tehrani, J. Brgoch, J. Phys. Chem. Lett. 9, 1668 (2018), "
    f"doi 10.1021/acs.jpclett.8b00124; {MATBENCH}"
)
ELASTICITY = f"M. de Jong et al., Sci. Data 2, 150009 (2015), doi 10.1038/sdata.2015.9; {MATBENCH}"
CC_BY = "CC BY 4.0"
SEE_SOURCE = "see source"
UNKNOWN = "unknown"
CITRINE = f"Citrine Informatics, https://citrination.com/datasets/153092; {MATBENCH}"
LANDOLT_BOERNSTEIN = (
    "Y. Kawazoe, T. Masumoto, A.-P. Tsai, J.-Z. Yu, T. Aihara Jr., Nonequilibrium Phase Diagrams of Ternary "
    f"Amorphous Alloys, Landolt-Börnstein III/37A (Springer, 1997); {MATBENCH}"
)
DIELECTRIC = f"I. Petousis et al., Sci. Data 4, 160134 (2017), doi 10.1038/sdata.2016.134; {MATBENCH}"
ADDRESS = "https://ml.materialsproject.org/projects/{name}.json.gz"


@dataclass(frozen=True, kw_only=True)
class PublicDataset:
    """A table that others publish. Address and checksum are those in matminer's dataset_metadata.json.

    `formula_column` and `target_column` name the columns of the CSV that `fetch` gives,
    `source_formula` and `source_target` those of the published file.
    """

    name: str
    title: str
    rows: int
    quantity: Quantity
    task: Task
    citation: str
    licence: str
    url: str
    sha256: str
    source_formula: str
    source_target: str
    formula_column: str = "formula"
    target_column: str = "target"


def example_table() -> bytes:
    """A CSV of formation enthalpies of binary alloys, in kJ per mole of atoms: the same bytes every time.

    They are the output of a semi-empirical model, computed on the spot, and no measurements: a table to
    learn with, whose every number can be checked (brnet.materials.miedema names the source).
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

    Raises UnavailableError, one sentence with the dataset's title, when it cannot be had.
    """
    kept = cache / f"{dataset.name}-{dataset.sha256[:16]}.csv"
    if kept.is_file():
        return kept.read_bytes()
    tell = progress or _tell_nobody
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=cache) as packed:
        download(
            dataset.url,
            packed,
            title=dataset.title,
            sha256=dataset.sha256,
            progress=lambda share: tell(share / 2),
        )
        packed.seek(0)
        table = _unpacked(packed, dataset, tell)
    write_whole(kept, table)
    tell(1.0)
    return table


def _unpacked(packed: IO[bytes], dataset: PublicDataset, tell: Progress) -> bytes:
    columns = {"formula": dataset.source_formula, "target": dataset.source_target}
    try:
        with gzip.open(packed, "rt", encoding="utf-8") as text:
            rows = list(_counted(read_rows(text, **columns), dataset, tell))
    except (ValueError, LookupError, TypeError, EOFError, zlib.error, gzip.BadGzipFile) as failure:
        raise UnavailableError(
            f"The download of {dataset.title} has not the form in which matminer publishes it ({failure}); "
            f"{WAY_OUT}."
        ) from failure
    if len(rows) != dataset.rows:
        raise UnavailableError(
            f"The download of {dataset.title} holds {len(rows):,} rows in place of {dataset.rows:,}; "
            f"{WAY_OUT}."
        )
    whole = dataset.task == "classification"
    cells = ((formula, int(value) if whole else value) for formula, value in rows)
    return _csv((dataset.formula_column, dataset.target_column), cells)


def _counted(
    rows: Iterator[tuple[str, float]], dataset: PublicDataset, tell: Progress
) -> Iterator[tuple[str, float]]:
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            tell(min(1.0, 0.5 + 0.5 * number / dataset.rows))
        yield row


def _tell_nobody(share: float) -> None:
    pass


def _electronegativity(symbol: str) -> tuple[float, str]:
    return ELEMENTS[symbol].members[symbol][0], symbol


def _count(atoms: int) -> str:
    return "" if atoms == 1 else str(atoms)


def _csv(header: tuple[str, str], rows: Iterable[tuple[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _matbench(
    name: str,
    title: str,
    *,
    rows: int,
    columns: tuple[str, str],
    sha256: str,
    citation: str,
    licence: str,
    task: Task = "regression",
) -> PublicDataset:
    return PublicDataset(
        name=name,
        title=title,
        rows=rows,
        quantity=guess_quantity("", table_name=name),
        task=task,
        citation=citation,
        licence=licence,
        url=ADDRESS.format(name=name),
        sha256=sha256,
        source_formula=columns[0],
        source_target=columns[1],
    )


_ALL = (
    _matbench(
        "matbench_expt_gap",
        "Measured band gaps",
        rows=4_604,
        columns=("composition", "gap expt"),
        sha256="783e7d1461eb83b00b2f2942da4b95fda5e58a0d1ae26b581c24cf8a82ca75b2",
        citation=ZHUO,
        licence=SEE_SOURCE,
    ),
    _matbench(
        "matbench_steels",
        "Yield strengths of steels",
        rows=312,
        columns=("composition", "yield strength"),
        sha256="473bc4957b2ea5e6465aef84bc29bb48ac34db27d69ea4ec5f508745c6fae252",
        citation=CITRINE,
        licence=UNKNOWN,
    ),
    _matbench(
        "matbench_expt_is_metal",
        "Metal or not",
        rows=4_921,
        columns=("composition", "is_metal"),
        sha256="8f2a4f9bacdcbc5c2c73615629ee7986f09d39bed40ba7db52b61b2889730887",
        citation=ZHUO,
        licence=SEE_SOURCE,
        task="classification",
    ),
    _matbench(
        "matbench_glass",
        "Metallic glass formers",
        rows=5_680,
        columns=("composition", "gfa"),
        sha256="36beb654e2a463ee2a6572105bea0ca2961eee7c7b26a25377bff2c3b338e53a",
        citation=LANDOLT_BOERNSTEIN,
        licence=SEE_SOURCE,
        task="classification",
    ),
    _matbench(
        "matbench_mp_gap",
        "Computed band gaps",
        rows=106_113,
        columns=("structure", "gap pbe"),
        sha256="58b65746bd88329986ed66031a2ac1369c7c522f7bc9f9081528e07097c2c057",
        citation=MATERIALS_PROJECT,
        licence=CC_BY,
    ),
    _matbench(
        "matbench_mp_e_form",
        "Computed formation energies",
        rows=132_752,
        columns=("structure", "e_form"),
        sha256="dedcb1d4ba2e3e50dbdd45ba5bc647a00e9c2bcf8f8bf556dc8e92caa39eb21f",
        citation=MATERIALS_PROJECT,
        licence=CC_BY,
    ),
    _matbench(
        "matbench_log_kvrh",
        "Computed bulk moduli",
        rows=10_987,
        columns=("structure", "log10(K_VRH)"),
        sha256="44b113ddb7e23aa18731a62c74afa7e5aa654199e0db5f951c8248a00955c9cd",
        citation=ELASTICITY,
        licence=CC_BY,
    ),
    _matbench(
        "matbench_log_gvrh",
        "Computed shear moduli",
        rows=10_987,
        columns=("structure", "log10(G_VRH)"),
        sha256="098af941f4c663270f1fe21abf20ffad6fb85ecbfcba5786ceac03983ac29da7",
        citation=ELASTICITY,
        licence=CC_BY,
    ),
    _matbench(
        "matbench_dielectric",
        "Computed refractive indices",
        rows=4_764,
        columns=("structure", "n"),
        sha256="83befa09bc2ec2f4b6143afc413157827a90e5e2e42c1eb507ccfa01bf26a1d6",
        citation=DIELECTRIC,
        licence=CC_BY,
    ),
)
CATALOG: dict[str, PublicDataset] = {dataset.name: dataset for dataset in _ALL}
