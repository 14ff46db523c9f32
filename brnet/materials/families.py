"""The chemical family of each composition, told by its non-metals."""

from dataclasses import dataclass

import numpy as np

from brnet.materials.formulas.elements import ATOMIC_NUMBER, SYMBOLS
from brnet.materials.formulas.packing import Packed

NONMETALS = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "I", "At"})
METALLOIDS = frozenset({"B", "Si", "Ge", "As", "Sb", "Te"})
"""The six commonly recognised ones: R. E. Vernon, J. Chem. Educ. 90, 1703 (2013), doi 10.1021/ed3008457."""

NOBLE_GASES = frozenset({"He", "Ne", "Ar", "Kr", "Xe", "Rn", "Og"})
METALS = frozenset(SYMBOLS) - NONMETALS - METALLOIDS - NOBLE_GASES

DILUTE = 0.05
"""A non-metal or metalloid with a smaller share of the atoms is an addition (carbon in steel), not a partner.
The boron of Nd2Fe14B, 0.059, is one."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of compound that a composition alone can tell."""

    name: str
    label: str
    note: str


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(name="element", label="Elements", note="One element."),
        Family(
            name="metals",
            label="Metals only",
            note="Alloys and intermetallics; non-metals below 5 % of the atoms do not count.",
        ),
        Family(name="halide", label="Halides", note="F, Cl, Br or I."),
        Family(
            name="oxide",
            label="Oxides",
            note="O; with hydroxides, silicates, borates, arsenates and tellurates.",
        ),
        Family(name="chalcogenide", label="Chalcogenides", note="S, Se or Te."),
        Family(name="hydride", label="Hydrides", note="H, alone or with N, P or a metalloid."),
        Family(name="nitride", label="Nitrides", note="N."),
        Family(name="pnictide", label="Pnictides", note="P, As or Sb; nitrides stand apart."),
        Family(name="carbide", label="Carbides", note="C."),
        Family(name="tetrelide", label="Silicides, germanides", note="Si or Ge."),
        Family(name="boride", label="Borides", note="B."),
        Family(
            name="oxyanion",
            label="Oxysalts, oxyhalides",
            note="O and another non-metal: carbonates, phosphates, sulfates, oxychlorides, oxynitrides.",
        ),
        Family(
            name="mixed", label="Several anions", note="Two non-metals without oxygen, such as BiSI or LiPF6."
        ),
        Family(name="organic", label="Carbon with hydrogen", note="Organic and hybrid compounds."),
        Family(name="other", label="Others", note="Noble gases with metals."),
    )
}

# What an element is to the rule. A kind before another one takes the anion's place beside it: the element
# sequence of IUPAC's Nomenclature of Inorganic Chemistry (2005), table VI.
_SEQUENCE: dict[str, tuple[str, ...]] = {
    "halide": ("F", "Cl", "Br", "I", "At"),
    "oxide": ("O",),
    "chalcogenide": ("S", "Se", "Te"),
    "hydride": ("H",),
    "nitride": ("N",),
    "pnictide": ("P", "As", "Sb"),
    "carbide": ("C",),
    "tetrelide": ("Si", "Ge"),
    "boride": ("B",),
}
_KIND = {name: 1 << bit for bit, name in enumerate(_SEQUENCE)}
# Non-metals of two of these kinds are several anions or an oxyanion; hydrogen beside them is a cation.
_ANIONS = ("halide", "oxide", "chalcogenide", "nitride", "pnictide", "carbide")
_NONMETAL = {name: 1 << (len(_SEQUENCE) + bit) for bit, name in enumerate(_ANIONS)}
_CATION = 1 << (len(_SEQUENCE) + len(_ANIONS))  # a metal or a metalloid, however dilute
_NOBLE = _CATION << 1


def families(packed: Packed) -> np.ndarray:
    """(rows,) uint8: the place in FAMILIES of each composition's family, by the first rule that holds.

    1. One element: an element.
    2. Metals and no other element with at least `DILUTE` of the atoms: metals only.
    3. Carbon and hydrogen: organic.
    4. Non-metals of two kinds (halogens, O, S and Se, N, P, C) beside a metal or metalloid, or of three
       kinds: with oxygen an oxyanion, else mixed.
    5. The element that IUPAC's sequence of elements puts last in the formula, near enough the most
       electronegative one, names the family: GaAs is a pnictide, SiC a carbide, PCl5 a halide, Sb2Te3 a
       chalcogenide.
    6. Others.

    Compositions know no bonds: LaFeAsO counts as an oxide, a hydrogencarbonate as organic.
    """
    roles = _ROLES[packed.numbers]
    roles[packed.fractions < DILUTE] &= _CATION | _NOBLE
    held = np.bitwise_or.reduceat(roles, packed.starts)
    n_nonmetals = sum(_holds(held, bit).astype(np.uint8) for bit in _NONMETAL.values())
    several = (n_nonmetals > 2) | ((n_nonmetals == 2) & _holds(held, _CATION))
    rules = {
        "element": packed.counts == 1,
        "metals": held == _CATION,
        "organic": _holds(held, _KIND["carbide"]) & _holds(held, _KIND["hydride"]),
        "oxyanion": several & _holds(held, _KIND["oxide"]),
        "mixed": several,
    } | {name: _holds(held, bit) for name, bit in _KIND.items()}
    places = {name: place for place, name in enumerate(FAMILIES)}
    codes = [np.uint8(places[name]) for name in rules]
    return np.select(list(rules.values()), codes, default=np.uint8(places["other"]))


def _holds(held: np.ndarray, bit: int) -> np.ndarray:
    return (held & bit) > 0


def _roles() -> np.ndarray:
    """(119,) by atomic number: the kind of each element as bits."""
    roles = np.zeros(len(SYMBOLS) + 1, dtype=np.uint32)
    for name, symbols in _SEQUENCE.items():
        for symbol in symbols:
            roles[ATOMIC_NUMBER[symbol]] |= _KIND[name]
            if symbol in NONMETALS and name in _NONMETAL:
                roles[ATOMIC_NUMBER[symbol]] |= _NONMETAL[name]
    roles[[ATOMIC_NUMBER[symbol] for symbol in METALS | METALLOIDS]] |= _CATION
    roles[[ATOMIC_NUMBER[symbol] for symbol in NOBLE_GASES]] |= _NOBLE
    return roles


_ROLES = _roles()
