"""Atomic weights: what turns weight percent into atoms and back."""

from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import SYMBOLS

# IUPAC's standard atomic weights of 2005: M. E. Wieser, Pure Appl. Chem. 78, 2051 (2006),
# doi 10.1351/pac200678112051. Magpie and pymatgen use the same values, so that shares agree with theirs to
# the last digit; the table of 2021 (T. Prohaska et al., Pure Appl. Chem. 94, 573 (2022),
# doi 10.1515/pac-2019-0603) differs by less than one part in two thousand. Tc, Pm, Po to Ac and what follows
# U have no standard weight: the mass number of a long-lived isotope stands there, up to Lr the one that the
# table of 2005 gives, from Rf on pymatgen's.
_TABLE = """
1.00794 4.002602
6.941 9.012182 10.811 12.0107 14.0067 15.9994 18.9984032 20.1797
22.98976928 24.305 26.9815386 28.0855 30.973762 32.065 35.453 39.948
39.0983 40.078 44.955912 47.867 50.9415 51.9961 54.938045 55.845 58.933195 58.6934 63.546 65.409
69.723 72.64 74.9216 78.96 79.904 83.798
85.4678 87.62 88.90585 91.224 92.90638 95.94 98 101.07 102.9055 106.42 107.8682 112.411
114.818 118.71 121.76 127.6 126.90447 131.293
132.9054519 137.327 138.90547 140.116 140.90765 144.242 145 150.36 151.964 157.25 158.92535 162.5
164.93032 167.259 168.93421 173.04 174.967
178.49 180.94788 183.84 186.207 190.23 192.217 195.084 196.966569 200.59
204.3833 207.2 208.9804 209 210 222
223 226 227 232.03806 231.03588 238.02891 237 244 243 247 247 251 252 257 258 259 262
267 268 269 270 270 278 281 282 285 286 289 290 293 294 294
"""

ATOMIC_WEIGHT: dict[str, float] = dict(zip(SYMBOLS, map(float, _TABLE.split()), strict=True))
"""Grams per mole of atoms."""


def formula_weight(composition: Composition) -> float:
    """Grams per mole of formula units: 159.688 for Fe2O3."""
    return sum(amount * ATOMIC_WEIGHT[symbol] for symbol, amount in composition.amounts)


def weight_percent(composition: Composition) -> dict[str, float]:
    """The share of each element's weight; they sum to 100."""
    total = formula_weight(composition)
    return {symbol: 100 * amount * ATOMIC_WEIGHT[symbol] / total for symbol, amount in composition.amounts}
