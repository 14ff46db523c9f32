"""A part is held by one download at a time, stays when it breaks off and goes when it is done."""

import threading
import time
from pathlib import Path

import pytest

from brnet.errors import UnavailableError
from brnet.materials.public.partial import (
    Whole,
    WrongContentError,
    partial,
    recall,
    remember,
    size,
    start_over,
)

URL = "http://127.0.0.1/table"
WHOLE = Whole(url=URL, n_bytes=10, validator='"1"')


def _leave(path: Path, failure: UnavailableError) -> None:
    """Begin a part, then fail."""
    with partial(path) as file:
        file.write(b"begin")
        remember(file, WHOLE)
        raise failure


def test_a_part_stays_with_its_notes_when_the_work_breaks_off(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="broken"):
        _leave(tmp_path / "part", UnavailableError("broken"))
    with partial(tmp_path / "part") as file:
        assert file.read() == b"begin"
        assert recall(file, url=URL) == WHOLE
    assert list(tmp_path.iterdir()) == []


def test_wrong_content_does_not_stay(tmp_path: Path) -> None:
    with pytest.raises(WrongContentError, match="wrong"):
        _leave(tmp_path / "part", WrongContentError("wrong"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_part_does_not_stay(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), partial(tmp_path / "part"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_notes_of_another_address_and_unreadable_ones_say_nothing(tmp_path: Path) -> None:
    with partial(tmp_path / "part") as file:
        assert recall(file, url=URL) is None
        remember(file, WHOLE)
        assert recall(file, url="http://127.0.0.1/other") is None
        (tmp_path / "part.json").write_bytes(b'{"url": 1')
        assert recall(file, url=URL) is None


def test_starting_over_leaves_nothing(tmp_path: Path) -> None:
    with partial(tmp_path / "part") as file:
        file.write(b"begin")
        assert size(file) == 5
        start_over(file)
        assert size(file) == 0


def test_only_one_holds_a_part_at_a_time(tmp_path: Path) -> None:
    inside, most = [], []

    def work() -> None:
        with partial(tmp_path / "part") as file:
            inside.append(1)
            most.append(len(inside))
            file.write(b"begin")
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert most == [1, 1, 1, 1]
    assert list(tmp_path.iterdir()) == []
