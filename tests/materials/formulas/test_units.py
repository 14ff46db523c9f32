"""Percent of what: the spellings of headers."""

import pytest

from brnet.materials.formulas.units import name_and_units, unit_of_header


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("composition (wt%)", "wt%"),
        ("composition (wt. %)", "wt%"),
        ("Alloy [weight percent]", "wt%"),
        ("composition, mass %", "wt%"),
        ("Zusammensetzung (Gew.-%)", "wt%"),
        ("% by weight", "wt%"),
        ("alloy (w/o)", "wt%"),
        ("Cr_wt", "wt%"),
        ("composition ｗｔ％", "wt%"),
        ("composition (at%)", "at%"),
        ("alloy at. %", "at%"),
        ("atomic percent", "at%"),
        ("alloy (atomic fraction)", "at%"),
        ("glass (mol%)", "mol%"),
        ("glass, mole %", "mol%"),
        ("glass [mol.-%]", "mol%"),
        ("formula", ""),
        ("weight (kg)", ""),
        ("energy (kJ/mol)", ""),
        ("atomic number", ""),
        ("strength at 300 K", ""),
        ("wt% and at%", ""),
        ("", ""),
    ],
)
def test_a_header_gives_its_unit(header: str, unit: str) -> None:
    assert unit_of_header(header) == unit


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Cr (wt. %)", "Cr"),
        ("wt% C", "C"),
        ("wt_Cr", "Cr"),
        ("C, %", "C"),
        ("Al2O3 [mol%]", "Al2O3"),
        ("V", "V"),
    ],
)
def test_the_rest_of_a_header_is_the_name(header: str, name: str) -> None:
    assert name_and_units(header)[0] == name


def test_a_header_with_two_units_gives_both() -> None:
    assert name_and_units("Cr (wt%, at%)")[1] == ("wt%", "at%")
