"""A file of which a part is here: kept between downloads, held by one of them at a time."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from brnet.disk import write_whole
from brnet.errors import UnavailableError

LOOK_SECONDS = 0.2  # between looks whether another download of the same file has ended


class WrongContentError(UnavailableError):
    """Not the published file: what is here of it is thrown away."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What a server said of the file of which a part is here; 0 and '' where it said nothing."""

    url: str
    n_bytes: int
    validator: str  # a strong ETag or the date of the last change (RFC 9110, section 8.8)


@contextmanager
def partial(path: Path) -> Iterator[IO[bytes]]:
    """The part of a file that earlier downloads left at `path`, open for reading and writing and held alone.

    It stays when the work on it breaks off, and goes when the work succeeds or raises WrongContentError.
    Another process or thread that asks for it waits until then.
    """
    with _held(path) as file:
        try:
            yield file
        except WrongContentError:
            _remove(path)
            raise
        except BaseException:
            if size(file) == 0:
                _remove(path)
            raise
        _remove(path)


def size(file: IO[bytes]) -> int:
    """Bytes that are here; the next ones are written behind them."""
    return file.seek(0, os.SEEK_END)


def start_over(file: IO[bytes]) -> None:
    """Throw away what is here."""
    file.seek(0)
    file.truncate()


def remember(file: IO[bytes], whole: Whole) -> None:
    """Note beside the part what it is a part of."""
    write_whole(_notes(Path(file.name)), json.dumps(asdict(whole)).encode())


def recall(file: IO[bytes], *, url: str) -> Whole | None:
    """What was noted of a part of the file at `url`; None where nothing was, or it is of another address."""
    try:
        whole = Whole(**json.loads(_notes(Path(file.name)).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return whole if whole.url == url else None


@contextmanager
def _held(path: Path) -> Iterator[IO[bytes]]:
    """The file at `path`, made where there is none, once nobody else holds it."""
    while True:
        with open(path, "r+b", opener=_open_or_make) as file:
            while not _lock(file):
                time.sleep(LOOK_SECONDS)
            if _is_at(path, file):
                yield file
                return


def _open_or_make(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


def _lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, file: IO[bytes]) -> bool:
    """Is the open file still the one at `path`? Who held it before may have removed it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    return False


def _remove(path: Path) -> None:
    _notes(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _notes(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
