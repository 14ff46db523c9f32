"""Chemical families: each composition in exactly one, told by its non-metals."""

import pytest
from pymatgen.core import Element

from brnet.materials import families as module
from brnet.materials.families import FAMILIES, METALLOIDS, METALS, NOBLE_GASES, NONMETALS, families
from brnet.materials.formulas.elements import EF_103
from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.packing import pack

MEMBERS = {
    "element": ("Fe", "O2", "He"),
    "metals": ("NiAl", "CoCrFeMnNi", "Fe0.98C0.02", "Fe0.95Si0.03C0.02"),
    "halide": ("NaCl", "CsPbBr3", "PCl5", "XeF2", "KBrCl", "NH4Cl"),
    "oxide": ("Fe2O3", "SiO2", "CaSiO3", "Mg(OH)2", "CO2", "YBa2Cu3O7", "LaFeAsO", "KAl(SO4)2(H2O)12"),
    "chalcogenide": ("CdSe", "Bi2Te3", "Sb2Te3", "CdS0.5Se0.5", "CuInSe2", "CoAsS", "Ge2Sb2Te5", "H2S"),
    "hydride": ("LiH", "NaBH4", "SiH4", "LaNi5H6"),
    "nitride": ("GaN", "BN", "Si3N4"),
    "pnictide": ("GaAs", "InP", "PtSb2", "PtP2"),
    "carbide": ("SiC", "Fe3C", "B4C"),
    "tetrelide": ("MoSi2", "Mg2Ge", "SiGe"),
    "boride": ("MgB2", "Nd2Fe14B"),
    "oxyanion": ("CaCO3", "LiFePO4", "BaSO4", "BiOCl", "TaON"),
    "mixed": ("BiSI", "LiPF6", "Li2CN2", "Mg2NCl"),
    "organic": ("CH3NH3PbI3", "C6H6"),
    "other": ("Na2He",),
}


def family(formula: str) -> str:
    return list(FAMILIES)[families(pack([read_formula(formula)]))[0]]


@pytest.mark.parametrize(("name", "formula"), [(n, f) for n, formulas in MEMBERS.items() for f in formulas])
def test_a_compound_is_in_its_family(name: str, formula: str) -> None:
    assert family(formula) == name


def test_every_family_has_an_example() -> None:
    assert set(MEMBERS) == set(FAMILIES)


def test_compositions_are_judged_row_by_row() -> None:
    formulas = [formula for formulas in MEMBERS.values() for formula in formulas]
    together = families(pack([read_formula(formula) for formula in formulas]))
    assert [list(FAMILIES)[place] for place in together] == [family(formula) for formula in formulas]


def test_metals_are_those_of_pymatgen_but_for_polonium() -> None:
    theirs = {symbol for symbol in EF_103 if Element(symbol).is_metal}
    assert METALS & set(EF_103) == theirs | {"Po"}  # in pymatgen a metalloid


def test_no_element_is_of_two_kinds() -> None:
    kinds = (METALS, METALLOIDS, NONMETALS, NOBLE_GASES)
    assert sum(map(len, kinds)) == len(frozenset.union(*kinds)) == 118


def test_the_sequence_of_anions_is_iupacs() -> None:
    order = [symbol for kind in module._SEQUENCE.values() for symbol in kind]
    theirs = [Element(symbol).iupac_ordering for symbol in order]
    assert theirs == sorted(theirs, reverse=True)
