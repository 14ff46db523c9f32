"""One number for each composition, by which a table is checked against what a model was trained on."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from brnet.materials.formulas.composition import Composition

_BYTES = 8  # with a million different compositions, two share a number with a probability of 3e-8


def fingerprints(compositions: Sequence[Composition]) -> np.ndarray:
    """(n,) uint64: the first 8 bytes of BLAKE2b (RFC 7693) of each reduced formula, the lowest byte first.

    A matter of the text alone: the same on every machine and under every version of Python.
    """
    digests = b"".join([blake2b(one.reduced.encode()).digest()[:_BYTES] for one in compositions])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def known(compositions: Sequence[Composition], seen: np.ndarray) -> np.ndarray:
    """(n,) bool: whether each composition's fingerprint is in `seen`, (m,) uint64 in ascending order."""
    return among(fingerprints(compositions), seen)


def among(numbers: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(n,) bool: whether each fingerprint is in `seen`, (m,) uint64 in ascending order."""
    if not len(seen):
        return np.zeros(len(numbers), dtype=bool)
    places = np.minimum(np.searchsorted(seen, numbers), len(seen) - 1)
    return seen[places] == numbers
