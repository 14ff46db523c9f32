"""The chemical elements in order of atomic number, and the sets that the fraction features use."""

_TABLE = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar "
    "K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr "
    "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe "
    "Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn "
    "Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
)

SYMBOLS: tuple[str, ...] = tuple(_TABLE.split())
"""Symbols by atomic number: `SYMBOLS[0]` is hydrogen, the last is Og, Z = 118."""

ATOMIC_NUMBER: dict[str, int] = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}

_OUTSIDE_EF_86 = frozenset({"He", "Ne", "Ar", "Po", "At", "Rn", "Fr", "Ra"})

EF_86: tuple[str, ...] = tuple(symbol for symbol in SYMBOLS[:94] if symbol not in _OUTSIDE_EF_86)
"""The elements of ElemNet (Sci Rep 8, 17593, 2018) and its successors up to iBRNet: H to Pu less eight."""

EF_103: tuple[str, ...] = SYMBOLS[:103]
"""Every element from H to Lr."""
