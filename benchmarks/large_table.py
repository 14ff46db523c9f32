"""How long a large table takes from its bytes to its profile, and how much memory that needs.

Run from the root of the project: `python benchmarks/large_table.py [--table FILE]`. The default is the
training part of OQMD_Bandgap (239,125 rows) below BRNET_SHARED_DATA. Seconds are of the clock and of the
processor; memory is the peak above what the imports take, which a server that waits for work has already.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from brnet.materials.dataset import build_dataset
from brnet.materials.guess import guess
from brnet.materials.profile import profile
from brnet.materials.tables.files import read_table
from brnet.settings import settings
from brnet.views import periodic_table, profile_figures, profile_words

Result = TypeVar("Result")


def main() -> None:
    path = _table()
    data = path.read_bytes()
    idle, began, processor = _peak_mb(), time.perf_counter(), time.process_time()
    table = _timed("read", lambda: read_table(data, name=path.name))
    _timed("content hash", lambda: table.content_hash)
    asked = _timed("recognise", lambda: guess(table))
    rows = _timed("clean", lambda: build_dataset(table, asked.reading))
    seen = _timed("profile", lambda: profile(rows))
    _timed("figures", lambda: _draw(rows, seen, asked.quantity))
    print(
        f"{path.name}, {len(rows):,} rows: {time.perf_counter() - began:.1f} s "
        f"({time.process_time() - processor:.1f} s of the processor), {_peak_mb() - idle:.0f} MB above idle"
    )


def _draw(rows: object, seen: object, quantity: object) -> None:
    profile_words.sentences(seen, quantity, classes=rows.classes)
    profile_figures.histogram(rows.values, quantity, classes=rows.classes)
    if seen.chemistry:
        periodic_table.coverage({symbol: group.rows for symbol, group in seen.chemistry.elements.items()})
        profile_figures.families(seen.chemistry.families, quantity, classes=rows.classes)


def _timed(what: str, work: Callable[[], Result]) -> Result:
    began, processor = time.perf_counter(), time.process_time()
    result = work()
    print(f"{what:14s}{time.perf_counter() - began:7.2f} s{time.process_time() - processor:9.2f} s processor")
    return result


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _table() -> Path:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    default = settings().shared_data / "splits" / "OQMD_Bandgap" / "train.csv"
    parser.add_argument("--table", type=Path, default=default)
    return parser.parse_args().table


if __name__ == "__main__":
    main()
