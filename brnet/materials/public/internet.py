"""One request to the web: through the proxy that is set, http and https only, failures as sentences."""

import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage, HTTPResponse, responses
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit

from brnet.errors import UnavailableError
from brnet.settings import settings

TIMEOUT_SECONDS = 30.0  # without a word from the server
SCHEMES = ("http", "https")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})  # answers that may be others a moment later
WAY_OUT = "try again later, or get the file from its source and upload it"


class BrokenOffError(UnavailableError):
    """A request that failed on the way: another one may succeed."""


class OutOfRangeError(BrokenOffError):
    """The file ends before the part that was asked for."""


@contextmanager
def opened(url: str, *, title: str, headers: Mapping[str, str]) -> Iterator[HTTPResponse]:
    """The answer to a request for `url`. Its body is read inside the `with`, so that failures are told.

    Raises BrokenOffError where trying again may help, UnavailableError where not; both name `title`.
    """
    checked(url, what=f"The address of {title}")
    request = urllib.request.Request(url, headers={"User-Agent": "brnet"} | dict(headers))
    try:
        with _opener(title).open(request, timeout=TIMEOUT_SECONDS) as response:
            yield response
    except HTTPError as answer:
        raise _answered(answer, title=title, url=url) from answer
    except (URLError, HTTPException, TimeoutError, ConnectionError, ssl.SSLError, UnicodeError) as failure:
        raise _unanswered(failure, title=title, url=url) from failure


def checked(address: str, *, what: str) -> SplitResult:
    """The parts of an http or https address. Raises UnavailableError, begun with `what`, for others."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        raise UnavailableError(f"{what} is not an http or https address; correct it.")
    return parts


def mirrored(url: str, *, file_name: str) -> str:
    """The address to ask for a file: at the mirror where one is set (BRNET_MIRROR), else `url`."""
    mirror = settings().mirror
    if not mirror:
        return url
    checked(mirror, what="The mirror that BRNET_MIRROR names")
    return f"{mirror.rstrip('/')}/{file_name}"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to http and https only, and never from https back to http."""

    def __init__(self, title: str) -> None:
        self._title = title

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        target = checked(newurl.replace(" ", "%20"), what=f"The address to which {self._title} has moved")
        if req.type == "https" and target.scheme == "http":
            raise UnavailableError(
                f"{self._title} could not be downloaded: {req.host} leads on to an address without "
                f"encryption; {WAY_OUT}."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(title: str) -> urllib.request.OpenerDirector:
    proxy = settings().proxy
    if not proxy:
        return urllib.request.build_opener(_Redirects(title))
    checked(proxy, what="The proxy that BRNET_PROXY names")
    proxies = urllib.request.ProxyHandler(dict.fromkeys(SCHEMES, proxy))
    return urllib.request.build_opener(proxies, _Redirects(title))


def _answered(answer: HTTPError, *, title: str, url: str) -> UnavailableError:
    answer.close()
    kind = BrokenOffError if answer.code in BUSY else UnavailableError
    if answer.code == 416:
        kind = OutOfRangeError
    said = (
        "leads on to other addresses without end"
        if answer.code in REDIRECTS
        else f"answered {answer.code} ({responses.get(answer.code, 'no known reason')})"
    )
    return kind(f"{title} could not be downloaded: {_host(url)} {said}; {WAY_OUT}.")


def _unanswered(failure: Exception, *, title: str, url: str) -> UnavailableError:
    reason = getattr(failure, "reason", None) or failure
    lasting = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError, UnicodeError)
    kind = UnavailableError if isinstance(reason, lasting) else BrokenOffError
    return kind(
        f"{title} could not be downloaded: {_host(url)} did not answer ({_plainly(reason)}); check the "
        f"connection, {WAY_OUT}."
    )


def _host(url: str) -> str:
    """Whom one has to do with: never a whole address, which may carry a password."""
    proxy = settings().proxy
    through = f" through the proxy {urlsplit(proxy).hostname}" if proxy else ""
    return f"{urlsplit(url).hostname}{through}"


def _plainly(reason: object) -> str:
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return " ".join(str(reason).split()) or type(reason).__name__
