"""Composition tables: which columns are recognised, what rows of amounts become, what is refused."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition as PymatgenComposition

from brnet.errors import FormulaError, TableError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import EF_86, SYMBOLS
from brnet.materials.formulas.formula import read_formula
from brnet.materials.tables.mixture import Mixture, guess_mixture, mix, mixture_notes

STEELS = {
    "No": ["1", "2", "3", "4"],
    "C": ["0.45", "0.20", "0.38", "0.05"],
    "Si": ["0.25", "0.30", "0.22", "0.40"],
    "Mn": ["0.75", "0.50", "0.80", "1.20"],
    "Cr": ["0.1", "", "1.05", "18"],
    "Ni": ["0.1", "0.2", "0.05", "8"],
    "tensile strength (MPa)": ["700", "480", "980", "620"],
}
GLASSES = {
    "sample": ["a", "b", "c"],
    "SiO2": ["60", "70", "55"],
    "Na2O": ["25", "20", "30"],
    "CaO": ["15", "10", "15"],
    "n": ["1.51", "1.52", "1.50"],
}


def table(columns: dict[str, list[str]]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=str)


def only(frame: pd.DataFrame, mixture: Mixture) -> tuple[str, Composition | FormulaError]:
    (text,), (reading,) = mix(frame, mixture)
    return text, reading


def test_a_steel_without_its_iron_is_recognised_and_filled_up() -> None:
    mixture = guess_mixture(table(STEELS), name="steels.csv")
    assert mixture == Mixture(columns=("C", "Si", "Mn", "Cr", "Ni"), unit="wt%", balance="Fe")
    texts, readings = mix(table(STEELS), mixture)
    expected = PymatgenComposition.from_weight_dict(
        {"Fe": 98.35, "C": 0.45, "Si": 0.25, "Mn": 0.75, "Cr": 0.1, "Ni": 0.1}
    ).fractional_composition.get_el_amt_dict()
    assert texts[0].startswith("Fe0.9")
    assert isinstance(readings[0], Composition)
    assert readings[0].fractions == pytest.approx(expected, rel=1e-5)


def test_oxides_are_taken_for_mole_percent() -> None:
    mixture = guess_mixture(table(GLASSES))
    assert mixture == Mixture(columns=("SiO2", "Na2O", "CaO"), unit="mol%")
    texts, readings = mix(table(GLASSES), mixture)
    assert texts[0] == "Si60Na50Ca15O160"
    assert readings[0] == read_formula("60SiO2-25Na2O-15CaO mol%")


@pytest.mark.parametrize(
    ("columns", "name", "expected"),
    [
        (GLASSES, "glasses_wt.csv", Mixture(columns=("SiO2", "Na2O", "CaO"), unit="wt%")),
        (
            {"Zr": ["55", "41.2"], "Cu": ["30", "12.5"], "Al": ["15", "46.3"], "Tg": ["680", "620"]},
            "",
            Mixture(columns=("Zr", "Cu", "Al"), unit="at%"),
        ),
        (
            {"Fe": ["74", "66"], "Cr": ["18", "22"], "Ni": ["8", "12"]},
            "",
            Mixture(columns=("Fe", "Cr", "Ni"), unit="wt%"),
        ),
        (
            {"Fe": ["0.74", "0.66"], "Cr": ["0.18", "0.22"], "Ni": ["0.08", "0.12"]},
            "",
            Mixture(columns=("Fe", "Cr", "Ni"), unit="at%"),
        ),
        (
            {"Co (at. %)": ["20", "25"], "Cr_at": ["20", "25"], "at% Ni": ["60", "50"], "HV": ["150", "160"]},
            "",
            Mixture(columns=("Co (at. %)", "Cr_at", "at% Ni"), unit="at%"),
        ),
        (
            {"Al": ["6", "5"], "V": ["4", "2"], "Mo": ["0", "3"], "YS": ["900", "850"]},
            "titanium_alloys.csv",
            Mixture(columns=("Al", "V", "Mo"), unit="wt%", balance="Ti"),
        ),
        (
            {"Ni": ["bal", "Bal."], "Cr": ["15", "20"], "Al": ["5", "3"]},
            "",
            Mixture(columns=("Ni", "Cr", "Al"), unit="wt%", balance="Ni"),
        ),
        (
            {"Ni": ["", ""], "Cr": ["15", "20"], "Al": ["5", "3"]},
            "",
            Mixture(columns=("Ni", "Cr", "Al"), unit="wt%", balance="Ni"),
        ),
        (
            {"Cr (wt%)": ["18", "20"], "Ni (wt%)": ["8", "10"]},
            "",
            Mixture(columns=("Cr (wt%)", "Ni (wt%)"), unit="wt%"),
        ),
        (
            {
                "Fe (wt%)": ["50", "60"],
                "Al (wt%)": ["50", "40"],
                "Fe (at%)": ["33", "42"],
                "Al (at%)": ["67", "58"],
            },
            "",
            Mixture(columns=("Fe (at%)", "Al (at%)"), unit="at%"),
        ),
        (
            {"Tc": ["9", "12", "15"], "Nb": ["75", "80", "76"], "Sn": ["25", "20", "24"]},
            "",
            Mixture(columns=("Nb", "Sn"), unit="at%"),
        ),
    ],
)
def test_columns_unit_and_balance_are_recognised(
    columns: dict[str, list[str]], name: str, expected: Mixture
) -> None:
    assert guess_mixture(table(columns), name=name) == expected


@pytest.mark.parametrize(
    "columns",
    [
        {"formula": ["Fe2O3", "NaCl"], "gap": ["2.1", "8.5"]},
        {"No": ["1", "2", "3"], "I": ["0.1", "0.5", "3"], "V": ["1", "5", "30"], "K": ["300", "310", "320"]},
        {"N": ["1", "2", "3"], "S": ["0.1", "0.2", "0.4"]},
        {"In": ["yes", "no", "no"], "As": ["a", "b", "c"], "At": ["1", "2", "3"]},
        {"HV": ["150", "160"], "HB": ["140", "150"], "YS": ["300", "400"]},
        {"C11": ["150", "160"], "C12": ["50", "60"], "C44": ["30", "40"]},
        {"B": ["150", "160"], "Tc": ["0", "10"]},
        {"C": ["150", "160"]},
        {"Fe": [], "Ni": []},
    ],
)
def test_an_ordinary_table_is_no_mixture(columns: dict[str, list[str]]) -> None:
    assert guess_mixture(table(columns)) is None


def test_the_published_fractions_are_the_formulas_beside_them(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "ibrnet_sample" / "train.csv", dtype=str, keep_default_na=False)
    mixture = guess_mixture(frame)
    assert mixture == Mixture(columns=EF_86, unit="at%")
    _, readings = mix(frame, mixture)
    keys = [reading.reduced for reading in readings if isinstance(reading, Composition)]
    assert keys == [read_formula(formula).reduced for formula in frame["pretty_comp"]]


@pytest.mark.parametrize("name", ["matbench/matbench_steels.csv", "jarvis/supercon_chem_Tc.csv"])
def test_a_table_of_formulas_is_no_mixture(shared_data: Path, name: str) -> None:
    assert guess_mixture(pd.read_csv(shared_data / name, dtype=str, keep_default_na=False)) is None


STAINLESS = Mixture(columns=("Fe", "Cr", "Ni"), unit="wt%", balance="Fe")


@pytest.mark.parametrize("iron", ["74", "bal", "Balance", "rest", "", " 74 ", "74 %"])
def test_a_row_equals_the_alloy_written_as_a_text(iron: str) -> None:
    text, reading = only(table({"Fe": [iron], "Cr": ["18"], "Ni": ["8"]}), STAINLESS)
    assert text == "Fe0.733078Cr0.191516Ni0.0754056"
    assert isinstance(reading, Composition)
    assert reading.reduced == read_formula("Fe-18Cr-8Ni wt%").reduced
    assert reading.notes == ()


def test_the_cell_that_says_balance_is_filled_whichever_it_is() -> None:
    frame = table({"Fe": ["bal", "5"], "Ni": ["8", "bal"]})
    texts, _ = mix(frame, Mixture(columns=("Fe", "Ni"), unit="at%", balance="Fe"))
    assert texts == ["Fe92Ni8", "Fe5Ni95"]


def test_a_balance_without_a_column_stands_first() -> None:
    text, _ = only(
        table({"Cr": ["18"], "Ni": ["8"]}), Mixture(columns=("Cr", "Ni"), unit="at%", balance="Fe")
    )
    assert text == "Fe74Cr18Ni8"


def test_fractions_of_one_are_recognised() -> None:
    frame = table({"Cu": ["0.6", "0.5", "60"], "Zr": ["0.4", "0.5", "40"]})
    texts, readings = mix(frame, Mixture(columns=("Cu", "Zr"), unit="at%"))
    assert texts[:2] == ["Cu0.6Zr0.4", "Cu0.5Zr0.5"]
    assert str(readings[2]) == "The amounts sum to 100, not to 1; correct them or choose what fills up."


def test_headers_that_speak_of_fractions_are_believed() -> None:
    frame = table({"Fe (wt frac)": ["bal"], "Cr (wt frac)": ["0.18"]})
    mixture = Mixture(columns=tuple(frame.columns), unit="wt%", balance="Fe")
    _, reading = only(frame, mixture)
    assert isinstance(reading, Composition)
    assert reading.fractions == pytest.approx(read_formula("Fe-18Cr wt%").fractions, rel=1e-5)


def test_a_row_that_is_a_little_off_is_noted() -> None:
    _, reading = only(table({"Cu": ["60"], "Zr": ["38.5"]}), Mixture(columns=("Cu", "Zr"), unit="at%"))
    assert isinstance(reading, Composition)
    assert reading.notes == ("The amounts sum to 98.5, not 100; their proportions count.",)


@pytest.mark.parametrize(
    ("cells", "balance", "shown", "sentence"),
    [
        (
            ("x", "18", "8"),
            "",
            "Fe x, Cr 18, Ni 8",
            "The cell in 'Fe' is no amount; write a number from 0 to 100.",
        ),
        (
            ("70", "-18", "8"),
            "",
            "Fe 70, Cr -18, Ni 8",
            "The cell in 'Cr' is no amount; write a number from 0 to 100.",
        ),
        (
            ("inf", "", ""),
            "",
            "Fe inf",
            "The cell in 'Fe' is no amount; write a number from 0 to 100.",
        ),
        (
            ("", "<0.1", ""),
            "Fe",
            "Cr <0.1",
            "The cell in 'Cr' is no amount; write a number from 0 to 100.",
        ),
        (("", "", ""), "", "", "The row holds no amounts; fill them in."),
        (("bal", "", ""), "Fe", "Fe bal", "The row holds no amounts; fill them in."),
        (
            ("0", "0", "0"),
            "",
            "Fe 0, Cr 0, Ni 0",
            "The amounts sum to 0, not to 100; correct them or choose what fills up.",
        ),
        (
            ("", "18", "8"),
            "",
            "Cr 18, Ni 8",
            "The amounts sum to 26, not to 100; correct them or choose what fills up.",
        ),
        (
            ("74", "18", "28"),
            "",
            "Fe 74, Cr 18, Ni 28",
            "The amounts sum to 120, not to 100; correct them or choose what fills up.",
        ),
        (
            ("bal", "80", "30"),
            "Fe",
            "Fe bal, Cr 80, Ni 30",
            "The amounts sum to 110, which leaves nothing for the balance; correct one of them.",
        ),
        (
            ("bal", "bal", "8"),
            "Fe",
            "Fe bal, Cr bal, Ni 8",
            "More than one component is left open as the balance; write the others' amounts.",
        ),
    ],
)
def test_a_row_that_is_no_composition_is_refused(
    cells: tuple[str, str, str], balance: str, shown: str, sentence: str
) -> None:
    frame = table({"Fe": [cells[0]], "Cr": [cells[1]], "Ni": [cells[2]]})
    text, reading = only(frame, STAINLESS.model_copy(update={"balance": balance}))
    assert (text, str(reading)) == (shown, sentence)


@pytest.mark.parametrize(
    ("mixture", "sentence"),
    [
        (
            Mixture(columns=(), unit="wt%"),
            "A mixture needs columns of amounts; choose the columns of elements or",
        ),
        (Mixture(columns=("Zr",), unit="wt%"), "There is no column 'Zr' of amounts in the table."),
        (
            Mixture(columns=("n",), unit="wt%"),
            "The column 'n' names neither an element nor a compound; leave it out.",
        ),
        (
            Mixture(columns=("SiO2",), unit="wt%", balance="Xx"),
            "The balance 'Xx' is neither an element nor a compound.",
        ),
        (
            Mixture(columns=("SiO2",), unit="at%"),
            "'SiO2' is a compound and at% counts atoms; choose mol% or wt%.",
        ),
    ],
)
def test_a_mixture_that_does_not_fit_the_table_is_refused(mixture: Mixture, sentence: str) -> None:
    with pytest.raises(TableError) as refused:
        mix(table(GLASSES), mixture)
    assert str(refused.value).startswith(sentence)


def test_what_holds_for_all_rows_is_said_once() -> None:
    mixture = Mixture(columns=("C", "Si", "Mn", "Cr", "Ni"), unit="wt%", balance="Fe")
    assert mixture_notes(table(STEELS), mixture) == (
        "The amounts in 5 columns are read as wt%; Fe fills up what is missing.",
        "Empty cells in 'Cr' count as zero.",
    )


@settings(deadline=2000)
@given(
    st.lists(st.tuples(st.sampled_from(SYMBOLS), st.integers(0, 10**9)), min_size=1, max_size=20),
    st.sampled_from(["at%", "wt%", "mol%"]),
)
def test_the_formula_of_a_row_says_what_its_composition_is(items: list[tuple[str, int]], unit: str) -> None:
    amounts = dict(items)
    total = sum(amounts.values())
    if not total:
        return
    frame = table({symbol: [repr(100 * amount / total)] for symbol, amount in amounts.items()})
    text, reading = only(frame, Mixture.model_validate({"columns": tuple(amounts), "unit": unit}))
    assert isinstance(reading, Composition)
    again = read_formula(text)
    assert again == reading
    assert again.notes == ()
    assert again.reduced == reading.reduced


def test_twenty_thousand_rows_of_thirty_columns_take_no_time() -> None:
    rng = np.random.default_rng(0)
    values = rng.dirichlet(np.full(30, 0.3), 20_000) * 100
    frame = pd.DataFrame(
        {symbol: np.char.mod("%.3f", column) for symbol, column in zip(SYMBOLS[20:], values.T, strict=False)}
    )
    began = time.process_time()
    _, readings = mix(frame, Mixture(columns=tuple(frame.columns), unit="wt%"))
    seconds = time.process_time() - began
    assert all(isinstance(reading, Composition) for reading in readings)
    assert seconds < 3  # a tenth of it on an idle core
