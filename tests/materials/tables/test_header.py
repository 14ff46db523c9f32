"""Heads of tables: titles, units, tables without a header."""

import pytest

from brnet.materials.tables.header import Head, read_head, unique_names


def head(*rows: str) -> Head:
    return read_head([row.split(",") for row in rows], range(1, len(rows) + 1))


def test_a_plain_header_is_the_first_row() -> None:
    assert head("formula,gap", "GaAs,1.4") == Head(names=("formula", "gap"), first=1)


def test_titles_above_the_header_are_passed_over_with_a_note() -> None:
    found = head("Lab book 7,,", "Author:,me,", "formula,T,gap", "GaAs,300,1.4", "NaCl,300,8.5")
    assert (found.names, found.first) == (("formula", "T", "gap"), 3)
    assert found.notes == ("Lines 1 to 2 above the header were passed over.",)


def test_names_of_groups_above_the_header_are_passed_over() -> None:
    found = head(",Amounts,,", "formula,Fe,Cr,YS", "a,70,30,5", "b,60,40,6")
    assert found.names == ("formula", "Fe", "Cr", "YS")


@pytest.mark.parametrize("row", ["-,K,eV", ",[K],(eV)", "(nominal),K,eV", ",K,"])
def test_a_row_of_units_is_joined_to_the_names(row: str) -> None:
    found = head("formula,T,gap", row, "GaAs,300,1.4", "NaCl,300,8.5")
    assert found.names[1] == "T (K)"
    assert found.first == 2
    assert found.notes == ("Line 2 holds units, which were joined to the names of the columns.",)


@pytest.mark.parametrize(
    "unit",
    [
        "meV",
        "GPa",
        "kJ/mol",
        "W/(m·K)",
        "W m^-1 K^-1",
        "g/cm3",
        "MPa·m^1/2",
        "10^-6 K⁻¹",
        "μB",
        "at.%",
        "°C",
        "Å",
    ],
)
def test_units_of_the_field_are_known(unit: str) -> None:
    assert head("formula,y", f",{unit}", "GaAs,3").names == ("formula", f"y ({unit})")


def test_a_unit_that_the_header_has_is_not_repeated() -> None:
    assert head("formula,gap (eV)", ",eV", "GaAs,3").names == ("formula", "gap (eV)")


@pytest.mark.parametrize(
    "rows",
    [
        ("formula,site,gap", "K,K,", "GaAs,K,1.4", "NaCl,N,2"),  # potassium, not kelvin
        ("formula,gap", "GaAs,eV", "NaCl,3"),
        ("formula,gap", ",-", "GaAs,3"),
        ("formula,gap", ",3", "GaAs,4"),
    ],
)
def test_values_are_no_units(rows: tuple[str, ...]) -> None:
    assert head(*rows).first == 1


def test_a_formula_and_a_number_in_the_first_row_are_values() -> None:
    found = head("GaAs,1.42,x", "NaCl,8.5,y", "?,3,z")
    assert found == Head(
        names=("formula", "value", "column 3"),
        first=0,
        notes=("Line 1 holds values already; the columns are called 'formula', 'value', 'column 3'.",),
    )


@pytest.mark.parametrize("rows", [("GaAs", "NaCl"), ("Fe2O3",), ("GaAs,1", "NaCl,8")])
def test_formulas_need_no_header(rows: tuple[str, ...]) -> None:
    assert head(*rows).names[0] == "formula"


@pytest.mark.parametrize(
    "rows", [("In", "GaAs"), ("No", "Fe"), ("formula,300,400", "GaAs,1,2"), ("a,1", "b,2")]
)
def test_names_that_could_be_symbols_or_numbers_stay_names(rows: tuple[str, ...]) -> None:
    assert head(*rows).first == 1


def test_rules_below_the_header_are_no_row() -> None:
    assert head("formula,gap", "---,:--:", "GaAs,3").first == 2


def test_names_are_told_apart() -> None:
    assert unique_names(["y", "y", "", "y (2)", "y"]) == ["y", "y (2)", "column 3", "y (2) (2)", "y (3)"]
