"""Formation enthalpies of binary alloys by Miedema's macroscopic-atom model.

Source: F. R. de Boer, R. Boom, W. C. M. Mattens, A. R. Miedema, A. K. Niessen, Cohesion in Metals: Transition
Metal Alloys (North-Holland, 1988); A. R. Miedema, P. F. de Châtel, F. R. de Boer, Physica B 100 (1980) 1. The
model is semi-empirical: atoms of two metals are two blocks whose contact costs what evens out their electron
densities and gains what their electronegativities differ by. Its numbers are no measurements: from
168 measured alloys (SSUB) they are 12 kJ/mol away in the mean. Nonmetals are left out, and so are europium
and ytterbium, for which sources disagree on the valence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

# P of the book, kJ V^-2 cm^-2 (d.u.)^-1/3, for two transition metals, one, none.
# A density unit (d.u.) is 4.6e22 electrons per cm³.
P_BOTH, P_ONE, P_NEITHER = 14.1, 12.35, 10.7
Q_OVER_P = 9.4  # V^2 (d.u.)^-2/3
ORDERED = 8.0  # how much closer unlike atoms sit in an ordered compound than in a random mixture; there 0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Elements that alloy alike.

    `transition` sets P. `swelling` is how much an atom's surface grows with the charge it takes (a of the
    book, 1/V). `hybridisation` is this group's factor of R/P (V²), which acts between a group of `side` d and
    one of `side` p; calcium, strontium and barium count as d there, though not for P. Each member has its
    electronegativity φ* (V), its electron density n_ws (d.u.) and its molar volume (cm³/mol).
    """

    transition: bool
    side: Literal["d", "p"]
    swelling: float
    hybridisation: float
    members: dict[str, tuple[float, float, float]]


ALKALI = Group(
    transition=False,
    side="p",
    swelling=0.14,
    hybridisation=0.0,
    members={
        "Li": (2.85, 0.94, 13.00),
        "Na": (2.70, 0.55, 23.78),
        "K": (2.25, 0.27, 45.63),
        "Rb": (2.10, 0.22, 56.07),
        "Cs": (1.95, 0.17, 69.23),
    },
)
LIGHT_EARTH = Group(
    transition=False,
    side="p",
    swelling=0.10,
    hybridisation=0.4,
    members={"Be": (5.05, 4.66, 4.90), "Mg": (3.45, 1.60, 14.00)},
)
ALKALINE_EARTH = Group(
    transition=False,
    side="d",
    swelling=0.10,
    hybridisation=0.4,
    members={
        "Ca": (2.55, 0.75, 26.20),
        "Sr": (2.40, 0.59, 33.93),
        "Ba": (2.32, 0.53, 38.10),
    },
)
ZINC = Group(
    transition=False,
    side="p",
    swelling=0.10,
    hybridisation=1.4,
    members={"Zn": (4.10, 2.30, 9.17), "Cd": (4.05, 1.91, 13.00), "Hg": (4.20, 1.91, 14.08)},
)
TRIVALENT = Group(
    transition=False,
    side="p",
    swelling=0.07,
    hybridisation=1.9,
    members={
        "Al": (4.20, 2.70, 10.00),
        "Ga": (4.10, 2.25, 11.82),
        "In": (3.90, 1.60, 15.75),
        "Tl": (3.90, 1.40, 17.23),
    },
)
TETRAVALENT = Group(
    transition=False,
    side="p",
    swelling=0.04,
    hybridisation=2.1,
    members={
        "Si": (4.70, 3.38, 8.60),
        "Ge": (4.55, 2.57, 9.87),
        "Sn": (4.15, 1.90, 16.30),
        "Pb": (4.10, 1.52, 18.28),
    },
)
PENTAVALENT = Group(
    transition=False,
    side="p",
    swelling=0.04,
    hybridisation=2.3,
    members={"Sb": (4.40, 2.00, 16.95), "Bi": (4.15, 1.56, 19.32)},
)
RARE_EARTH = Group(
    transition=True,
    side="d",
    swelling=0.07,
    hybridisation=0.7,
    members={
        "Sc": (3.25, 2.05, 15.03),
        "Y": (3.20, 1.77, 19.90),
        "La": (3.17, 1.64, 22.55),
        "Ce": (3.18, 1.69, 21.62),
        "Pr": (3.19, 1.73, 20.79),
        "Nd": (3.19, 1.73, 20.58),
        "Sm": (3.20, 1.77, 20.01),
        "Gd": (3.20, 1.77, 19.90),
        "Tb": (3.21, 1.82, 19.32),
        "Dy": (3.21, 1.82, 19.00),
        "Ho": (3.22, 1.82, 18.76),
        "Er": (3.22, 1.86, 18.45),
        "Tm": (3.22, 1.86, 18.12),
        "Lu": (3.22, 1.91, 17.77),
    },
)
TRANSITION = Group(
    transition=True,
    side="d",
    swelling=0.04,
    hybridisation=1.0,
    members={
        "Ti": (3.80, 3.51, 10.58),
        "V": (4.25, 4.41, 8.36),
        "Cr": (4.65, 5.18, 7.23),
        "Mn": (4.45, 4.17, 7.35),
        "Fe": (4.93, 5.55, 7.09),
        "Co": (5.10, 5.36, 6.70),
        "Ni": (5.20, 5.36, 6.60),
        "Zr": (3.45, 2.80, 14.00),
        "Nb": (4.05, 4.41, 10.87),
        "Mo": (4.65, 5.55, 9.40),
        "Ru": (5.40, 6.13, 8.20),
        "Rh": (5.40, 5.45, 8.30),
        "Pd": (5.45, 4.66, 8.90),
        "Hf": (3.60, 3.05, 13.45),
        "Ta": (4.05, 4.33, 10.81),
        "W": (4.80, 5.93, 9.55),
        "Re": (5.20, 6.33, 8.85),
        "Os": (5.40, 6.33, 8.45),
        "Ir": (5.55, 6.13, 8.52),
        "Pt": (5.65, 5.64, 9.10),
    },
)
NOBLE = Group(
    transition=True,
    side="d",
    swelling=0.07,
    hybridisation=0.3,
    members={"Cu": (4.45, 3.18, 7.12), "Au": (5.15, 3.87, 10.20)},
)
SILVER = Group(
    transition=True,
    side="d",
    swelling=0.07,
    hybridisation=0.15,
    members={"Ag": (4.35, 2.52, 10.25)},
)
GROUPS = (
    ALKALI,
    LIGHT_EARTH,
    ALKALINE_EARTH,
    ZINC,
    TRIVALENT,
    TETRAVALENT,
    PENTAVALENT,
    RARE_EARTH,
    TRANSITION,
    NOBLE,
    SILVER,
)
# kJ/mol to make a metal of an element whose stable form is none.
METALLISING = {"Si": 34.0, "Ge": 25.0}

ELEMENTS: dict[str, Group] = {symbol: group for group in GROUPS for symbol in group.members}


@dataclass(frozen=True, kw_only=True)
class _Atoms:
    """One partner of n alloys as columns (n,)."""

    phi: np.ndarray
    root_density: np.ndarray
    surface: np.ndarray
    swelling: np.ndarray
    hybridisation: np.ndarray
    transition: np.ndarray
    of_d: np.ndarray
    metallising: np.ndarray


def formation_enthalpy(
    first: Sequence[str], second: Sequence[str], share: np.ndarray, *, order: float = ORDERED
) -> np.ndarray:
    """Formation enthalpy of n binary alloys from the elements, in kJ per mole of atoms, (n,).

    first, second: n symbols each, all in ELEMENTS. share: (n,) atomic fraction of `first`. order: 8 for an
    ordered compound, 5 for a glass, 0 for a statistical mixture. KeyError for an element without parameters.
    """
    a, b, c = _atoms(first), _atoms(second), np.asarray(share, dtype=float)
    # How large the surfaces are in the alloy and how much of them touches the other kind hang together.
    of_a, of_b = _contact(c * a.surface, (1 - c) * b.surface, order)
    a_surface = a.surface * (1 + a.swelling * of_a * (a.phi - b.phi))
    b_surface = b.surface * (1 + b.swelling * of_b * (b.phi - a.phi))
    of_a, _ = _contact(c * a_surface, (1 - c) * b_surface, order)
    interface = 2 * _surface_energy(a, b) / (1 / a.root_density + 1 / b.root_density)
    return c * a_surface * of_a * interface + c * a.metallising + (1 - c) * b.metallising


def _contact(a_area: np.ndarray, b_area: np.ndarray, order: float) -> tuple[np.ndarray, np.ndarray]:
    """The part of an a atom's surface that touches b, and of a b atom's that touches a."""
    a, b = a_area / (a_area + b_area), b_area / (a_area + b_area)
    preference = 1 + order * (a * b) ** 2
    return b * preference, a * preference


def _surface_energy(a: _Atoms, b: _Atoms) -> np.ndarray:
    """P [−Δφ² + Q/P (Δn^1/3)² − R/P]."""
    p = np.choose(a.transition.astype(int) + b.transition, (P_NEITHER, P_ONE, P_BOTH))
    r_over_p = np.where(a.of_d != b.of_d, a.hybridisation * b.hybridisation, 0.0)
    gap, step = a.phi - b.phi, a.root_density - b.root_density
    return p * (-(gap**2) + Q_OVER_P * step**2 - r_over_p)


def _atoms(symbols: Sequence[str]) -> _Atoms:
    groups = [ELEMENTS[symbol] for symbol in symbols]
    phi, density, volume = np.array([ELEMENTS[symbol].members[symbol] for symbol in symbols]).reshape(-1, 3).T
    return _Atoms(
        phi=phi,
        root_density=np.cbrt(density),
        surface=np.cbrt(volume) ** 2,
        swelling=np.array([group.swelling for group in groups]),
        hybridisation=np.array([group.hybridisation for group in groups]),
        transition=np.array([group.transition for group in groups], dtype=bool),
        of_d=np.array([group.side == "d" for group in groups], dtype=bool),
        metallising=np.array([METALLISING.get(symbol, 0.0) for symbol in symbols]),
    )
