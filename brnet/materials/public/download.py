"""One file from the web to the disk: whole, of the published content, resumed where a part is here."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import IO

from brnet.errors import UnavailableError
from brnet.materials.public import internet
from brnet.materials.public.internet import WAY_OUT, BrokenOffError, OutOfRangeError
from brnet.materials.public.partial import Whole, WrongContentError, recall, remember, size, start_over

MOST_BYTES = 512 * 2**20
PIECE_BYTES = 2**18
ATTEMPTS = 4  # in a row that bring no new piece
PAUSE_SECONDS = 0.5  # before the second attempt; twice as long before each further one
SLOWEST = 1024  # bytes a second, over WINDOW_SECONDS; a slower server is given up
WINDOW_SECONDS = 30.0
STEPS = 200  # of the progress that is told

Progress = Callable[[float], None]


def download(url: str, file: IO[bytes], *, title: str, sha256: str, progress: Progress) -> None:
    """Complete a `partial` file with what is at `url`; `progress` is told shares from 0 to 1.

    An empty `sha256` checks nothing. A connection that breaks is tried again, from where it broke.
    Raises UnavailableError, which names `title`, when the address does not answer or breaks off for good,
    and WrongContentError when the content is larger than 512 MiB or has another SHA-256.
    """
    whole = recall(file, url=url)
    if whole is None or not (sha256 or whole.validator) or 0 < whole.n_bytes < size(file):
        start_over(file)
    pieced = _complete(url, file, title=title, progress=progress)
    if pieced and not _is(file, sha256):  # the beginning may be of an older file
        start_over(file)
        _complete(url, file, title=title, progress=progress)
    if not _is(file, sha256):
        raise WrongContentError(
            f"The download of {title} is not the published file (SHA-256 {_sha256(file)[:12]}… in place of "
            f"{sha256[:12]}…); {WAY_OUT}."
        )
    file.seek(0)


def _complete(url: str, file: IO[bytes], *, title: str, progress: Progress) -> bool:
    """Ask until the file is whole; whether it is pieced together from several answers."""
    whole, failures = recall(file, url=url), 0
    if whole is not None and 0 < whole.n_bytes == size(file):
        return True
    while True:
        before = size(file)
        try:
            return _ask(url, file, title=title, progress=progress)
        except BrokenOffError as failure:
            if isinstance(failure, OutOfRangeError):
                start_over(file)
            failures = 0 if size(file) >= before + PIECE_BYTES else failures + 1
            if failures == ATTEMPTS:
                raise
        time.sleep(PAUSE_SECONDS * 2 ** max(0, failures - 1))


def _ask(url: str, file: IO[bytes], *, title: str, progress: Progress) -> bool:
    """One request for the rest of the file; whether only that came, not the whole."""
    start, whole = size(file), recall(file, url=url)
    with internet.opened(url, title=title, headers=_range(start, whole)) as response:
        found = _described(response, url)
        if response.status == 206 and not _continues(response, start, whole, found):
            start_over(file)
            raise BrokenOffError(f"The file of {title} has changed during its download; try again.")
        if response.status not in (200, 206):
            raise UnavailableError(
                f"{title} could not be downloaded: the server answered {response.status} without the file; "
                f"{WAY_OUT}."
            )
        if response.status == 200:
            start_over(file)
        remember(file, found)
        _copy(response, file, found.n_bytes, title=title, progress=progress)
        return response.status == 206


def _range(start: int, whole: Whole | None) -> dict[str, str]:
    if start == 0 or whole is None:
        return {}
    only_if = {"If-Range": whole.validator} if whole.validator else {}
    return {"Range": f"bytes={start}-"} | only_if


def _described(response: HTTPResponse, url: str) -> Whole:
    tag = response.headers.get("ETag", "")
    strong = "" if tag.startswith("W/") else tag
    return Whole(
        url=url,
        n_bytes=_content_range(response)[1] if response.status == 206 else response.length or 0,
        validator=strong or response.headers.get("Last-Modified", ""),
    )


def _content_range(response: HTTPResponse) -> tuple[int, int]:
    """First byte and size of the whole of 'bytes 50-99/100'; −1 and 0 where they are not said."""
    said = response.headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)", said)
    if found is None:
        return -1, 0
    return int(found[1]), 0 if found[2] == "*" else int(found[2])


def _continues(response: HTTPResponse, start: int, whole: Whole | None, found: Whole) -> bool:
    """Is this the rest of the file of which the beginning is here?"""
    if whole is None or _content_range(response)[0] != start:
        return False
    same_size = whole.n_bytes == found.n_bytes or 0 in (whole.n_bytes, found.n_bytes)
    return same_size and (whole.validator == found.validator or not found.validator)


def _copy(response: HTTPResponse, file: IO[bytes], n_whole: int, *, title: str, progress: Progress) -> None:
    """The body of the answer to the end of the file."""
    if n_whole > MOST_BYTES:
        raise _too_large(title)
    n_bytes, step = size(file), -1
    for piece in _pieces(response, title):
        n_bytes += len(piece)
        if n_bytes > MOST_BYTES:
            raise _too_large(title)
        file.write(piece)
        if n_whole and n_bytes * STEPS // n_whole > step:
            step = n_bytes * STEPS // n_whole
            progress(min(1.0, n_bytes / n_whole))
    if n_bytes < n_whole:
        raise BrokenOffError(
            f"The download of {title} broke off after {n_bytes:,} of {n_whole:,} bytes; try again."
        )


def _pieces(response: HTTPResponse, title: str) -> Iterator[bytes]:
    """What has arrived, as it arrives. Raises BrokenOffError where that is next to nothing for long."""
    since, n_bytes = time.monotonic(), 0
    while piece := response.read1(PIECE_BYTES):
        yield piece
        n_bytes += len(piece)
        seconds = time.monotonic() - since
        if seconds < WINDOW_SECONDS:
            continue
        if n_bytes < SLOWEST * seconds:
            raise BrokenOffError(
                f"The download of {title} was given up: {n_bytes:,} bytes in {seconds:.0f} seconds are too "
                "few; try again later, it goes on from there."
            )
        since, n_bytes = time.monotonic(), 0


def _too_large(title: str) -> UnavailableError:
    return WrongContentError(f"The download of {title} is larger than {MOST_BYTES // 2**20} MiB; {WAY_OUT}.")


def _is(file: IO[bytes], sha256: str) -> bool:
    return not sha256 or _sha256(file) == sha256


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
