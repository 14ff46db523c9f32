"""Many compositions at once: an array of atoms out as formulas and as what these say."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import numpy as np

from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER

_EXPONENT = re.compile(r"[0-9.]+e-[0-9]+")


def written(atoms: np.ndarray, elements: Sequence[str]) -> tuple[list[str], list[Composition]]:
    """Atoms (n, n_elements) as formulas with six digits, and what these say."""
    rows, places = np.nonzero(atoms)
    amounts = atoms[rows, places]
    powers = 10.0 ** (5 - np.floor(np.log10(amounts)))
    rounded = np.zeros_like(atoms)
    rounded[rows, places] = np.round(amounts * powers) / powers
    order = np.argsort([ATOMIC_NUMBER[symbol] for symbol in elements])
    in_order = _listed(rounded[:, order], [elements[place] for place in order])
    pairs = list(zip(*in_order[:2], strict=True))
    symbols, numbers, ends = _listed(rounded, elements)
    both: list[str | float] = [""] * (2 * len(symbols))
    both[::2], both[1::2] = symbols, numbers
    texts = [_formula(both[2 * begin : 2 * end]) for begin, end in pairwise(ends)]
    return texts, [Composition(tuple(pairs[begin:end])) for begin, end in pairwise(ends)]


def _listed(atoms: np.ndarray, elements: Sequence[str]) -> tuple[list[str], list[float], list[int]]:
    """The symbols and amounts above zero of all rows (n, n_elements), and where each row ends."""
    rows, places = np.nonzero(atoms)
    ends = np.cumsum(np.count_nonzero(atoms, axis=1)).tolist()
    return np.array(elements, dtype=object)[places].tolist(), atoms[rows, places].tolist(), [0, *ends]


def _formula(parts: Sequence[str | float]) -> str:
    """['Cu', 0.6, 'Zr', 0.4] -> 'Cu0.6Zr0.4'."""
    text = "%s%.6g" * (len(parts) // 2) % tuple(parts)
    return _EXPONENT.sub(lambda number: f"{Decimal(number[0]):f}", text) if "e-" in text else text
