"""Features kept on disk under a hash of the compositions, so that a repeated question reads them."""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.packing import pack
from brnet.materials.inputs.features import ROWS_AT_ONCE, VERSION, feature_columns, featurise

LEAST_ROWS = 20_000
"""Fewer compositions are described in a tenth of a second: nobody would notice that a file saved it."""

PROBED_ROWS = 32
"""Rows of a file that are computed again: they must agree, or the file was made by other code."""

PROBE_TOLERANCE = 1e-5
"""Relative to a column's largest probed value; single precision keeps seven digits."""

_NAMES = re.compile(r"[0-9a-f]{64}\.npy|\.[0-9a-f]{64}\.npy\.[0-9a-f]{8}")


def cached_features(
    compositions: Sequence[Composition], names: Sequence[str], *, folder: Path, most_bytes: int
) -> np.ndarray:
    """Compositions -> (n, d) float32, read-only, as `featurise` gives them: read from disk or computed.

    Single precision always, so that an answer does not depend on what is on disk. Files read longest ago are
    removed when all take more than `most_bytes`. A broken file is computed anew; where the folder cannot be
    written, nothing is kept. Raises FormulaError as `featurise` does.
    """
    if len(compositions) < LEAST_ROWS or not names:
        return _computed(compositions, names)
    path = folder / f"{_key(compositions, names)}.npy"
    kept = _read(path, compositions, names)
    if kept is not None:
        return kept
    features = _computed(compositions, names)
    if features.nbytes <= most_bytes:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _write(path, features)
            _remove_oldest(folder, most_bytes)
    return features


def _computed(compositions: Sequence[Composition], names: Sequence[str]) -> np.ndarray:
    features = featurise(compositions, names, dtype=np.float32)
    features.flags.writeable = False
    return features


def _key(compositions: Sequence[Composition], names: Sequence[str]) -> str:
    """SHA-256 of the version of the features, their names and every element's number and amount."""
    digest = hashlib.sha256(f"{VERSION} {' '.join(names)} {len(compositions)}".encode())
    for start in range(0, len(compositions), ROWS_AT_ONCE):
        packed = pack(compositions[start : start + ROWS_AT_ONCE])
        for array in (packed.counts, packed.numbers, packed.amounts):
            digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
    return digest.hexdigest()


def _read(path: Path, compositions: Sequence[Composition], names: Sequence[str]) -> np.ndarray | None:
    """The features of a file, mapped into memory; None where it is absent, broken or of other values."""
    try:
        kept = np.lib.format.open_memmap(path, mode="r")
        if kept.dtype != np.float32 or kept.shape != (len(compositions), len(feature_columns(names))):
            return None
        if not _agrees(kept, compositions, names):
            return None
        os.utime(path)
    except (OSError, ValueError):
        return None
    return np.asarray(kept)


def _agrees(kept: np.ndarray, compositions: Sequence[Composition], names: Sequence[str]) -> bool:
    rows = np.unique(np.linspace(0, len(compositions) - 1, PROBED_ROWS).astype(int))
    expected = featurise([compositions[row] for row in rows], names)
    allowed = PROBE_TOLERANCE * np.abs(expected).max(axis=0)
    return bool((np.abs(kept[rows] - expected) <= allowed).all())


def _write(path: Path, features: np.ndarray) -> None:
    """Under another name, then renamed: `disk.write_whole` for arrays that should not be copied in memory."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            np.save(file, features, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _remove_oldest(folder: Path, most_bytes: int) -> None:
    """Remove our own files, those used longest ago first, until the others take `most_bytes` or less."""
    found = []
    for path in folder.iterdir():
        if _NAMES.fullmatch(path.name):
            with contextlib.suppress(OSError):  # another process may have removed it
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
    excess = sum(size for _, size, _ in found) - most_bytes
    for _, size, path in sorted(found):
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= size
