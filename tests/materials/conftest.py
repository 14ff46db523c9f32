"""A web server on this machine that answers what a test tells it, also as a proxy."""

import http.server
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from brnet.materials.public import download
from brnet.settings import settings


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer.

    `announced` is another Content-Length than the body's (below 0: none), `sent` the bytes after which the
    connection closes, `pause` the seconds before each byte.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    announced: int | None = None
    sent: int | None = None
    ranges: bool = False
    pause: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """`replies` holds the answers to a path in their order, the last one for ever; `asked` what was asked."""

    address: str
    replies: dict[str, list[Reply]]
    asked: list[tuple[str, dict[str, str]]]

    def offer(self, *replies: Reply, path: str = "/table") -> str:
        """Answer a path so from now on; its address back."""
        self.replies[path] = list(replies)
        return self.address + path


class _Handler(http.server.BaseHTTPRequestHandler):
    server_of_test: Server

    def do_GET(self) -> None:
        known = self.server_of_test
        known.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        replies = known.replies.get(self.path, [Reply(status=404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        status, body, extra = _ranged(reply, self.headers.get("Range"), self.headers.get("If-Range"))
        self.send_response(status)
        for name, value in (reply.headers | extra if extra else reply.headers).items():
            self.send_header(name, value)
        announced = len(body) if reply.announced is None else reply.announced
        if announced >= 0:
            self.send_header("Content-Length", str(announced))
        self.end_headers()
        self._send(body[: reply.sent], reply.pause)

    def _send(self, body: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            time.sleep(pause)
            self.wfile.write(body[place : place + 1])

    def log_message(self, *words: object) -> None:
        pass


def _ranged(reply: Reply, asked: str | None, only_if: str | None) -> tuple[int, bytes, dict[str, str]]:
    if not (reply.ranges and asked) or only_if not in (None, *reply.headers.values()):
        return reply.status, reply.body, {}
    start, n_bytes = int(asked.removeprefix("bytes=").rstrip("-")), len(reply.body)
    if start >= n_bytes:
        return 416, b"", {"Content-Range": f"bytes */{n_bytes}"}
    return 206, reply.body[start:], {"Content-Range": f"bytes {start}-{n_bytes - 1}/{n_bytes}"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that is asked without a proxy and without pauses."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)

    class Handler(_Handler):
        pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    Handler.server_of_test = Server(address=f"http://127.0.0.1:{running.server_port}", replies={}, asked=[])
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    yield Handler.server_of_test
    running.shutdown()
    running.server_close()


@pytest.fixture
def set_setting(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Set an environment variable of the settings: set_setting(BRNET_MIRROR='http://…')."""

    def set_all(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield set_all
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def reply() -> type[Reply]:
    """How a test writes an answer."""
    return Reply
