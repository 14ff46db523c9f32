"""The elements, against pymatgen's periodic table and the columns that iBRNet's authors publish."""

import csv
from pathlib import Path

from pymatgen.core import Element

from brnet.materials.formulas.elements import ATOMIC_NUMBER, EF_86, EF_103, SYMBOLS


def test_symbols_and_numbers_are_those_of_pymatgen() -> None:
    assert {symbol: Element(symbol).Z for symbol in SYMBOLS} == ATOMIC_NUMBER
    assert len(SYMBOLS) == 118


def test_ef_86_is_h_to_pu_without_eight() -> None:
    assert len(EF_86) == 86
    assert set(SYMBOLS[:94]) - set(EF_86) == {"He", "Ne", "Ar", "Po", "At", "Rn", "Fr", "Ra"}


def test_ef_86_has_the_published_columns_in_their_order(shared_data: Path) -> None:
    with (shared_data / "ibrnet_sample" / "test.csv").open() as file:
        header = next(csv.reader(file))
    assert tuple(header[1:-1]) == EF_86


def test_ef_103_ends_with_lawrencium() -> None:
    assert len(EF_103) == 103
    assert EF_103[-1] == "Lr"
