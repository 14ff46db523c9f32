"""Features kept on disk: read when asked again, computed anew when a file is broken, bounded in size."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from brnet.errors import FormulaError
from brnet.materials.formulas.formula import Composition, read_formula
from brnet.materials.inputs import feature_cache
from brnet.materials.inputs.feature_cache import cached_features
from brnet.materials.inputs.features import featurise

FORMULAS = ("Fe2O3", "FeO", "Cu", "CaTiO3", "Cu0.3Zn0.7", "NaCl", "H2O")
NAMES = ("ef", "pa")
PLENTY = 10**9


@pytest.fixture(autouse=True)
def small_tables_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_cache, "LEAST_ROWS", 1)


@pytest.fixture
def compositions() -> list[Composition]:
    return [read_formula(text) for text in FORMULAS]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows were computed to be kept, call by call."""
    calls: list[int] = []
    compute = feature_cache._computed

    def counted(compositions: Sequence[Composition], names: Sequence[str]) -> np.ndarray:
        calls.append(len(compositions))
        return compute(compositions, names)

    monkeypatch.setattr(feature_cache, "_computed", counted)
    return calls


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_features_asked_again_are_read(
    tmp_path: Path, compositions: list[Composition], computed: list[int]
) -> None:
    folder = tmp_path / "new" / "features"
    first = cached_features(compositions, NAMES, folder=folder, most_bytes=PLENTY)
    again = cached_features(list(compositions), list(NAMES), folder=folder, most_bytes=PLENTY)
    assert computed == [len(FORMULAS)]
    assert len(files(folder)) == 1
    for found in (first, again):
        assert type(found) is np.ndarray or isinstance(found.base, np.memmap)
        assert found.dtype == np.float32
        assert not found.flags.writeable
        assert (found == featurise(compositions, NAMES, dtype=np.float32)).all()


def test_every_difference_of_the_question_is_another_file(
    tmp_path: Path, compositions: list[Composition], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(rows: Sequence[Composition], names: Sequence[str]) -> np.ndarray:
        found = cached_features(rows, names, folder=tmp_path, most_bytes=PLENTY)
        assert (found == featurise(rows, names, dtype=np.float32)).all()
        return found

    ask(compositions, NAMES)
    ask(compositions, ("pa", "ef"))
    ask(compositions, ("pa",))
    ask(compositions[::-1], NAMES)
    ask(compositions[1:], NAMES)
    ask([read_formula("Fe4O6"), *compositions[1:]], NAMES)
    # the same elements and amounts, cut into compositions at another place
    ask([Composition((("H", 1.0),)), Composition((("O", 1.0), ("Fe", 1.0)))], NAMES)
    ask([Composition((("H", 1.0), ("O", 1.0))), Composition((("Fe", 1.0),))], NAMES)
    monkeypatch.setattr(feature_cache, "VERSION", feature_cache.VERSION + 1)
    ask(compositions, NAMES)
    assert len(files(tmp_path)) == 9


def test_the_key_does_not_depend_on_the_blocks(
    compositions: list[Composition], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(feature_cache._key(compositions, NAMES)) == 64
    monkeypatch.setattr(feature_cache, "ROWS_AT_ONCE", 3)
    in_blocks = feature_cache._key(compositions, NAMES)
    assert in_blocks == feature_cache._key(compositions, NAMES)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_zeros(path: Path) -> None:
    np.save(path, np.zeros_like(np.load(path)))


def of_another_shape(path: Path) -> None:
    np.save(path, np.load(path)[:, 1:])


def of_another_type(path: Path) -> None:
    np.save(path, np.load(path).astype(np.float64))


def of_objects(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def an_archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, x=np.zeros(3))


def with_a_wild_header(path: Path) -> None:
    path.write_bytes(
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (9**9," * 2
    )


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        truncated,
        emptied,
        of_zeros,
        of_another_shape,
        of_another_type,
        of_objects,
        an_archive,
        with_a_wild_header,
        a_folder,
    ],
)
def test_a_broken_or_foreign_file_is_computed_anew(
    spoil: object, tmp_path: Path, compositions: list[Composition], computed: list[int]
) -> None:
    cached_features(compositions, NAMES, folder=tmp_path, most_bytes=PLENTY)
    spoil(files(tmp_path)[0])  # type: ignore[operator]
    for _ in range(2):
        found = cached_features(compositions, NAMES, folder=tmp_path, most_bytes=PLENTY)
        assert (found == featurise(compositions, NAMES, dtype=np.float32)).all()
    mended = spoil is not a_folder
    assert len(computed) == (2 if mended else 3)
    assert len(files(tmp_path)) == 1


def test_files_read_longest_ago_are_removed(
    tmp_path: Path, compositions: list[Composition], computed: list[int]
) -> None:
    def ask(n_rows: int) -> None:
        cached_features(compositions[:n_rows], ["ef"], folder=tmp_path, most_bytes=4000)

    size = 128 + 86 * 4 * 3  # of three rows: a header and single precision
    for n_rows, age in ((3, 30), (4, 20), (5, 10)):
        ask(n_rows)
        newest = max(files(tmp_path), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (10**9 - age, 10**9 - age))
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 4000
    assert len(files(tmp_path)) == 2
    assert min(path.stat().st_size for path in files(tmp_path)) > size
    ask(4)  # now the one read last
    ask(2)
    computed.clear()
    ask(4)
    assert computed == []
    ask(5)
    assert computed == [5]


def test_features_larger_than_the_limit_are_not_kept(tmp_path: Path, compositions: list[Composition]) -> None:
    cached_features(compositions, NAMES, folder=tmp_path / "none", most_bytes=100)
    assert not (tmp_path / "none").exists()


def test_only_files_of_the_cache_are_removed(tmp_path: Path, compositions: list[Composition]) -> None:
    (tmp_path / "notes.npy").write_bytes(b"x" * 10_000)
    left = tmp_path / f".{'0' * 64}.npy.01234567"  # by a process that was killed while writing
    left.write_bytes(b"x" * 10_000)
    os.utime(left, (1, 1))
    cached_features(compositions, NAMES, folder=tmp_path, most_bytes=9_000)
    assert (tmp_path / "notes.npy").exists()
    assert not left.exists()
    assert len(files(tmp_path)) == 2


def test_where_the_folder_cannot_be_written_features_are_computed(
    tmp_path: Path, compositions: list[Composition]
) -> None:
    (tmp_path / "file").write_text("in the way")
    found = cached_features(compositions, NAMES, folder=tmp_path / "file", most_bytes=PLENTY)
    assert found.shape == (len(FORMULAS), 231)


def test_a_disk_that_fills_up_leaves_nothing_behind(
    tmp_path: Path, compositions: list[Composition], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(feature_cache.os, "fsync", full)
    assert len(cached_features(compositions, NAMES, folder=tmp_path, most_bytes=PLENTY)) == len(FORMULAS)
    assert files(tmp_path) == []


def test_several_writers_at_once_all_get_their_features(
    tmp_path: Path, compositions: list[Composition]
) -> None:
    results: list[np.ndarray] = []

    def ask() -> None:
        results.append(cached_features(compositions, NAMES, folder=tmp_path, most_bytes=PLENTY))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = featurise(compositions, NAMES, dtype=np.float32)
    assert len(results) == 8
    assert all((found == expected).all() for found in results)
    assert len(files(tmp_path)) == 1


def test_small_questions_are_not_kept(
    tmp_path: Path, compositions: list[Composition], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_cache, "LEAST_ROWS", len(FORMULAS) + 1)
    cached_features(compositions, NAMES, folder=tmp_path, most_bytes=PLENTY)
    assert files(tmp_path) == []


@pytest.mark.parametrize("names", [(), ("ef",)])
def test_no_compositions_give_no_rows(tmp_path: Path, names: tuple[str, ...]) -> None:
    found = cached_features([], names, folder=tmp_path, most_bytes=PLENTY)
    assert found.shape == (0, 86 * len(names))


def test_a_composition_that_the_features_cannot_describe_is_refused(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(
            FormulaError, match=r"^'He' in 'He' is outside the 86 elements of EF; use EF-103\.$"
        ):
            cached_features([read_formula("He")], ["ef"], folder=tmp_path, most_bytes=PLENTY)
    assert files(tmp_path) == []
