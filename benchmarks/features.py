"""How fast and how exact our features are beside matminer's: `python benchmarks/features.py --rows 500`.

Both sides read the same formula texts in this process, parsing included, and compute element fractions and
the 145 physical attributes. Processor time is compared, so that other programs on the machine weigh little;
our second figure is the best of five further readings. Then come the rates of the element embeddings, and the
time and peak memory for a quarter of a million rows, in a process of its own.
"""

import argparse
import csv
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from brnet.materials.formulas.elements import EF_86
from brnet.materials.formulas.formula import Composition, read_formulas
from brnet.materials.inputs.embeddings import EMBEDDINGS
from brnet.materials.inputs.features import FEATURES, featurise, unsupported
from brnet.settings import settings

TABLES = ("matbench_expt_gap", "matbench_steels", "matbench_mp_e_form")
LARGE_TABLE = "OQMD_Bandgap"
REPEATS = 5

Rows = TypeVar("Rows")
Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=500, help="formulas drawn from each table; 0 takes all")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw")
    parser.add_argument("--large", action="store_true", help=f"only the line of {LARGE_TABLE}")
    arguments = parser.parse_args()
    if arguments.large:
        print_large()
        return
    compare(arguments)
    print_embeddings(draw("matbench_mp_e_form", 20 * arguments.rows, arguments.seed))
    subprocess.run([sys.executable, __file__, "--large"], check=True)


def compare(arguments: argparse.Namespace) -> None:
    """A line for each table: our rate beside matminer's."""
    theirs = matminer_features()
    print("table,rows,matminer per s,ours first per s,ours per s,first ratio,ratio,unequal cells")
    for name in arguments.tables:
        formulas = draw(name, arguments.rows, arguments.seed)
        expected, their_seconds = timed(theirs, formulas)
        found, first_seconds = timed(our_features, formulas)
        best_seconds = min(timed(our_features, formulas)[1] for _ in range(REPEATS))
        unequal = int((~np.isclose(found, expected, rtol=1e-9, atol=1e-12)).sum())
        rates = [len(formulas) / seconds for seconds in (their_seconds, first_seconds, best_seconds)]
        ratios = [their_seconds / first_seconds, their_seconds / best_seconds]
        print(
            f"{name},{len(formulas)}," + ",".join(f"{value:.0f}" for value in rates + ratios) + f",{unequal}"
        )


def print_embeddings(formulas: list[str]) -> None:
    """A line for each embedding: formulas a second, parsing left out."""
    read = [reading for reading in read_formulas(formulas) if isinstance(reading, Composition)]
    for name in EMBEDDINGS:
        known = [composition for composition in read if not unsupported(composition, [name])]
        seconds = min(
            timed(lambda rows, name=name: featurise(rows, [name]), known)[1] for _ in range(REPEATS)
        )
        n_columns = len(FEATURES[name].columns)
        print(
            f"{name}: {n_columns} columns, {len(known) / seconds:,.0f} formulas a second ({len(known)} rows)"
        )


def print_large() -> None:
    """EF and PA of the training rows of the largest table, and the memory above that of its compositions."""
    with (settings().shared_data / "splits" / LARGE_TABLE / "train.csv").open(encoding="utf-8") as file:
        formulas = [row["formula"] for row in csv.DictReader(file)]
    readings, reading_seconds = timed(read_formulas, formulas)
    compositions = [reading for reading in readings if isinstance(reading, Composition)]
    before = peak_megabytes()
    features, seconds = timed(lambda rows: featurise(rows, ("ef", "pa"), dtype=np.float32), compositions)
    print(
        f"{LARGE_TABLE}: {len(compositions)} rows read in {reading_seconds:.1f} s, "
        f"EF and PA computed in {seconds:.1f} s; {peak_megabytes() - before:.0f} MB above {before:.0f} MB "
        f"at the peak, {features.nbytes / 2**20:.0f} MB of it the result"
    )


def peak_megabytes() -> float:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # bytes there, kilobytes elsewhere


def draw(table: str, rows: int, seed: int) -> list[str]:
    """Formulas of a Matbench table, at most `rows` of them, drawn at random."""
    with (settings().shared_data / "matbench" / f"{table}.csv").open(encoding="utf-8") as file:
        formulas = [row["formula"] for row in csv.DictReader(file)]
    if not 0 < rows < len(formulas):
        return formulas
    chosen = np.random.default_rng(seed).choice(len(formulas), rows, replace=False)
    return [formulas[row] for row in chosen]


def our_features(formulas: list[str]) -> np.ndarray:
    """(n, 86 + 145) from texts."""
    compositions = [reading for reading in read_formulas(formulas) if isinstance(reading, Composition)]
    return featurise(compositions, ("ef", "pa"))


def matminer_features() -> Callable[[list[str]], np.ndarray]:
    """The same from matminer: a function of texts -> (n, 86 + 145), warmed up."""
    warnings.simplefilter("ignore")
    from matminer.featurizers.composition import (
        ElementFraction,
        ElementProperty,
        IonProperty,
        Stoichiometry,
        ValenceOrbital,
    )
    from pymatgen.core import Composition as PymatgenComposition

    fractions = ElementFraction()
    kept = [fractions.feature_labels().index(symbol) for symbol in EF_86]
    attributes = (
        Stoichiometry(),
        ElementProperty.from_preset("magpie"),
        ValenceOrbital(props=["avg"]),
        IonProperty(fast=True),
    )

    def row(formula: str) -> list[float]:
        composition = PymatgenComposition(formula)
        shares = fractions.featurize(composition)
        values = [float(value) for featurizer in attributes for value in featurizer.featurize(composition)]
        return [shares[column] for column in kept] + values

    row("Fe2O3")
    return lambda formulas: np.array([row(formula) for formula in formulas])


def timed(compute: Callable[[Rows], Result], rows: Rows) -> tuple[Result, float]:
    """What the function returns and the processor seconds it took."""
    began = time.process_time()
    result = compute(rows)
    return result, time.process_time() - began


if __name__ == "__main__":
    main()
