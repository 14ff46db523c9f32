"""One file from the web to the disk: whole, of the published content, or a sentence why not."""

import hashlib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from brnet.errors import UnavailableError

MOST_BYTES = 512 * 2**20
TIMEOUT_SECONDS = 30.0
PIECE_BYTES = 2**18
WAY_OUT = "try again later, or get the file from its source and upload it"

Progress = Callable[[float], None]


def download(url: str, file: IO[bytes], *, title: str, sha256: str, progress: Progress) -> None:
    """Write what is at `url` into the open file; `progress` is told shares from 0 to 1.

    The usual proxy settings hold. Raises UnavailableError, which names `title`, when
    the address does not answer, when the content breaks off, is larger than 512 MiB or has another SHA-256.
    """
    with _explained(title, urlsplit(url).hostname or url):
        request = urllib.request.Request(url, headers={"User-Agent": "brnet"})
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            found = _copy(response, file, title=title, progress=progress)
    if found != sha256:
        raise UnavailableError(
            f"The download of {title} is not the published file (SHA-256 {found[:12]}… in place of "
            f"{sha256[:12]}…); {WAY_OUT}."
        )


def _copy(response: HTTPResponse, file: IO[bytes], *, title: str, progress: Progress) -> str:
    """Bytes of the answer into the file; their SHA-256 back."""
    announced = response.length or 0
    if announced > MOST_BYTES:
        raise _too_large(title)
    digest, n_bytes = hashlib.sha256(), 0
    for piece in _pieces(response):
        n_bytes += len(piece)
        if n_bytes > MOST_BYTES:
            raise _too_large(title)
        digest.update(piece)
        file.write(piece)
        if announced:
            progress(min(1.0, n_bytes / announced))
    if n_bytes < announced:
        raise UnavailableError(
            f"The download of {title} broke off after {n_bytes:,} of {announced:,} bytes; try again."
        )
    return digest.hexdigest()


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    while piece := response.read(PIECE_BYTES):
        yield piece


def _too_large(title: str) -> UnavailableError:
    return UnavailableError(f"The download of {title} is larger than {MOST_BYTES // 2**20} MiB; {WAY_OUT}.")


@contextmanager
def _explained(title: str, host: str) -> Iterator[None]:
    """What can go wrong on the way, as one sentence."""
    try:
        yield
    except HTTPError as answer:
        raise UnavailableError(
            f"{title} could not be downloaded: {host} answered {answer.code} ({answer.reason}); {WAY_OUT}."
        ) from answer
    except (URLError, HTTPException, TimeoutError, ConnectionError) as failure:
        reason = getattr(failure, "reason", None) or failure
        raise UnavailableError(
            f"{title} could not be downloaded: {host} did not answer ({_plainly(reason)}); check the "
            f"connection, {WAY_OUT}."
        ) from failure


def _plainly(reason: object) -> str:
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason) or type(reason).__name__
