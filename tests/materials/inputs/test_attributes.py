"""The physical attributes, cell by cell against matminer, and the table behind them."""

import csv
import itertools
import math
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from brnet.materials.formulas.elements import ATOMIC_NUMBER, EF_86
from brnet.materials.formulas.formula import Composition, read_formula
from brnet.materials.inputs import attributes
from brnet.materials.inputs.attributes import attribute_columns, element_table, physical_attributes

TOLERANCES = {"rtol": 1e-9, "atol": 1e-12}
Matminer = Callable[[list[str]], np.ndarray]


@pytest.fixture(scope="module")
def featurizers() -> tuple:
    warnings.simplefilter("ignore")
    from matminer.featurizers import composition

    return (
        composition.Stoichiometry(),
        composition.ElementProperty.from_preset("magpie"),
        composition.ValenceOrbital(props=["avg"]),
        composition.IonProperty(fast=True),
    )


@pytest.fixture(scope="module")
def matminer(featurizers: tuple) -> Matminer:
    from pymatgen.core import Composition as PymatgenComposition

    def rows(formulas: list[str]) -> np.ndarray:
        read = map(PymatgenComposition, formulas)
        return np.array([[float(v) for f in featurizers for v in f.featurize(each)] for each in read])

    return rows


def _formulas(shared_data: Path, table: str, rows: int | None) -> list[str]:
    with (shared_data / "matbench" / f"{table}.csv").open() as file:
        formulas = [row["formula"] for row in csv.DictReader(file)]
    if rows is None:
        return formulas
    return [formulas[row] for row in np.random.default_rng(1).choice(len(formulas), rows, replace=False)]


def _ours(formulas: list[str]) -> np.ndarray:
    return physical_attributes([read_formula(formula) for formula in formulas])


def test_columns_are_matminers_labels(featurizers: tuple) -> None:
    labels = [label for featurizer in featurizers for label in featurizer.feature_labels()]
    assert attribute_columns() == tuple(labels)


@pytest.mark.parametrize(
    ("table", "rows"), [("matbench_expt_gap", 400), ("matbench_steels", 20), ("matbench_mp_e_form", 300)]
)
def test_attributes_equal_matminers(shared_data: Path, matminer: Matminer, table: str, rows: int) -> None:
    formulas = _formulas(shared_data, table, rows)
    np.testing.assert_allclose(_ours(formulas), matminer(formulas), **TOLERANCES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "rows"), [("matbench_expt_gap", None), ("matbench_steels", None), ("matbench_mp_e_form", 3000)]
)
def test_all_attributes_equal_matminers(
    shared_data: Path, matminer: Matminer, table: str, rows: int | None
) -> None:
    formulas = _formulas(shared_data, table, rows)
    np.testing.assert_allclose(_ours(formulas), matminer(formulas), **TOLERANCES)


@pytest.mark.parametrize("formula", ["Fe", "H2", "FeO", "NaCl", "Fe1.000001O", "TiNiFeCo", "Fe3O4", "HgPo2"])
def test_single_elements_and_ties_equal_matminers(matminer: Matminer, formula: str) -> None:
    np.testing.assert_allclose(_ours([formula]), matminer([formula]), **TOLERANCES)


def test_every_element_of_the_table_alone_and_as_an_oxide_equals_matminers(matminer: Matminer) -> None:
    formulas = [f"{symbol}{oxygen}" for symbol in sorted(element_table().symbols) for oxygen in ("", "O2F")]
    np.testing.assert_allclose(_ours(formulas), matminer(formulas), **TOLERANCES)


def test_the_table_holds_magpies_and_pymatgens_values() -> None:
    warnings.simplefilter("ignore")
    from matminer.utils.data import MagpieData
    from pymatgen.core import Element

    magpie, table = MagpieData(impute_nan=False).all_elemental_props, element_table()
    for symbol in table.symbols:
        number, element = ATOMIC_NUMBER[symbol], Element(symbol)
        assert table.values[number].tolist() == [magpie[name][symbol] for name in table.properties]
        assert table.electronegativity[number] == element.X
        states = table.states[number, : table.n_states[number]]
        assert tuple(states) == tuple(element.common_oxidation_states)


def test_the_table_lacks_only_elements_whose_values_are_missing() -> None:
    warnings.simplefilter("ignore")
    from matminer.utils.data import MagpieData

    magpie, table = MagpieData(impute_nan=False).all_elemental_props, element_table()
    complete = {
        symbol
        for symbol in ATOMIC_NUMBER
        if not any(math.isnan(magpie[name][symbol]) for name in table.properties)
    }
    assert complete == table.symbols
    assert set(EF_86) < table.symbols


def test_a_row_does_not_depend_on_the_other_rows(shared_data: Path) -> None:
    formulas = _formulas(shared_data, "matbench_expt_gap", 50)
    together = _ours(formulas)
    alone = np.concatenate([_ours([formula]) for formula in formulas])
    assert (together == alone).all()


def test_more_rows_than_are_computed_at_once_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = ["Fe2O3", "Cu", "NaCl", "CaTiO3", "H2O"]
    whole = _ours(formulas)
    monkeypatch.setattr(attributes, "ROWS_AT_ONCE", 2)
    assert (_ours(formulas) == whole).all()


def test_no_compositions_give_no_rows() -> None:
    assert physical_attributes([]).shape == (0, 145)


def _random_compositions(n: int, *, most_amount: int) -> list[Composition]:
    generator = np.random.default_rng(3)
    several = [s for s in sorted(element_table().symbols) if element_table().n_states[ATOMIC_NUMBER[s]] > 1]
    return [
        Composition(
            tuple((s, float(generator.integers(1, most_amount))) for s in generator.choice(several, 4, False))
        )
        for _ in range(n)
    ]


def test_the_grid_decides_as_trying_all_charges_does(monkeypatch: pytest.MonkeyPatch) -> None:
    compositions = _random_compositions(300, most_amount=30)
    column = attribute_columns().index("compound possible")
    tried = physical_attributes(compositions)[:, column]
    monkeypatch.setattr(attributes, "MOST_CHARGE_SUMS", 1)
    assert (physical_attributes(compositions)[:, column] == tried).all()
    assert 0 < tried.mean() < 1


def test_charges_balance_where_a_search_by_hand_finds_a_choice() -> None:
    table = element_table()
    for composition in _random_compositions(40, most_amount=6):
        choices = [
            [amount * state for state in table.states[ATOMIC_NUMBER[s], : table.n_states[ATOMIC_NUMBER[s]]]]
            for s, amount in composition.amounts
        ]
        expected = any(abs(sum(charges)) < 1e-8 for charges in itertools.product(*choices))
        assert physical_attributes([composition])[0, -3] == expected


@pytest.mark.parametrize("amount", ["7", "1234.5678901", ".123456789"])
def test_a_crafted_formula_of_all_elements_does_not_hang(amount: str) -> None:
    symbols = sorted(element_table().symbols)
    for chosen in (symbols, ["C", "Cl", "Br", "I", "S", "Se", "Te", "N", "P", "Mn", "U", "Np", "Ru", "Xe"]):
        composition = Composition(tuple((s, float(amount) * (1 + i)) for i, s in enumerate(chosen)))
        began = time.process_time()
        physical_attributes([composition])
        assert time.process_time() - began < 0.5


def test_pymatgens_hanging_formula_is_decided() -> None:
    assert physical_attributes([read_formula("C100H3815Br21I279N2185Pb100")]).shape == (1, 145)
