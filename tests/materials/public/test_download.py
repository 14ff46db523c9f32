"""A file arrives whole and as published, goes on where it broke, or there is a sentence why not."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brnet.errors import UnavailableError
from brnet.materials.public import download
from brnet.materials.public.partial import partial

BODY = bytes(range(256)) * 40
WAY_OUT = "try again later, or get the file from its source and upload it."
Get = Callable[..., bytes]


@pytest.fixture
def get(tmp_path: Path) -> Get:
    """Download an address into a partial file; what came."""

    def bring(url: str, *, sha256: str | None = None, shares: list[float] | None = None) -> bytes:
        told = [] if shares is None else shares
        wanted = hashlib.sha256(BODY).hexdigest() if sha256 is None else sha256
        with partial(tmp_path / "table.part") as file:
            download.download(url, file, title="Gaps", sha256=wanted, progress=told.append)
            return file.read()

    return bring


def _ranges(server: Any) -> list[str | None]:
    return [headers.get("range") for _, headers in server.asked]


def test_a_file_arrives_whole(get: Get, server: Any, reply: Any) -> None:
    shares: list[float] = []
    assert get(server.offer(reply(body=BODY)), shares=shares) == BODY
    assert shares[-1] == 1.0
    assert _ranges(server) == [None]


def test_progress_is_told_in_steps(
    get: Get, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "STEPS", 4)
    monkeypatch.setattr(download, "PIECE_BYTES", 100)
    shares: list[float] = []
    get(server.offer(reply(body=BODY)), shares=shares)
    assert shares == sorted(shares)
    assert 4 <= len(shares) <= 5
    assert shares[-1] == 1.0


def test_a_connection_that_breaks_goes_on_where_it_broke(
    get: Get, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "PIECE_BYTES", 1000)
    broken = reply(body=BODY, sent=4000, announced=None, ranges=True, headers={"ETag": '"1"'})
    url = server.offer(broken, reply(body=BODY, ranges=True, headers={"ETag": '"1"'}))
    assert get(url) == BODY
    assert _ranges(server) == [None, "bytes=4000-"]
    assert server.asked[1][1]["if-range"] == '"1"'


def test_a_later_download_goes_on_from_what_an_earlier_one_left(
    get: Get, server: Any, reply: Any, tmp_path: Path
) -> None:
    broken = reply(body=BODY, sent=5000, headers={"Last-Modified": "Sat, 01 Aug 2026 00:00:00 GMT"})
    url = server.offer(broken)
    with pytest.raises(UnavailableError) as refusal:
        get(url)
    assert str(refusal.value) == "The download of Gaps broke off after 5,000 of 10,240 bytes; try again."
    assert (tmp_path / "table.part").stat().st_size == 5000
    server.offer(reply(body=BODY, ranges=True, headers={"Last-Modified": "Sat, 01 Aug 2026 00:00:00 GMT"}))
    shares: list[float] = []
    assert get(url, shares=shares) == BODY
    assert _ranges(server)[-1] == "bytes=5000-"
    assert shares[0] > 0.48
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_ignores_ranges_is_read_from_the_beginning(get: Get, server: Any, reply: Any) -> None:
    url = server.offer(reply(body=BODY, sent=5000), reply(body=BODY))
    assert get(url) == BODY
    assert _ranges(server) == [None, "bytes=5000-"]


@pytest.mark.parametrize("headers", [{"ETag": '"2"'}, {"Last-Modified": "Sun, 02 Aug 2026 00:00:00 GMT"}, {}])
def test_a_file_that_changed_since_its_beginning_came_is_read_anew(
    get: Get, server: Any, reply: Any, headers: dict[str, str]
) -> None:
    old = reply(body=BODY[::-1], sent=5000, headers={"ETag": '"1"'})
    url = server.offer(old, reply(body=BODY, ranges=True, headers=headers))
    assert get(url) == BODY


def test_another_size_on_the_way_means_another_file(get: Get, server: Any, reply: Any) -> None:
    url = server.offer(
        reply(body=BODY + b"more", sent=5000), reply(body=BODY, ranges=True), reply(body=BODY, ranges=True)
    )
    assert get(url) == BODY
    assert _ranges(server) == [None, "bytes=5000-", None]


def test_a_beginning_of_an_older_file_is_found_by_the_checksum(get: Get, server: Any, reply: Any) -> None:
    url = server.offer(reply(body=BODY[::-1], sent=5000), reply(body=BODY, ranges=True))
    assert get(url) == BODY
    assert _ranges(server) == [None, "bytes=5000-", None]


def test_a_part_beyond_the_end_of_the_file_is_thrown_away(get: Get, server: Any, reply: Any) -> None:
    url = server.offer(reply(body=BODY + BODY, sent=15_000), reply(body=BODY, ranges=True))
    assert get(url) == BODY
    assert _ranges(server) == [None, "bytes=15000-", None]


def test_a_whole_part_is_not_asked_for_again(get: Get, server: Any, reply: Any, tmp_path: Path) -> None:
    url = server.offer(reply(body=BODY, headers={"ETag": '"1"'}))

    def stop(share: float) -> None:
        if share == 1.0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), partial(tmp_path / "table.part") as file:
        download.download(url, file, title="Gaps", sha256="", progress=stop)
    assert get(url) == BODY
    assert _ranges(server) == [None]


def test_without_checksum_only_a_file_known_to_be_the_same_is_gone_on_with(
    get: Get, server: Any, reply: Any
) -> None:
    url = server.offer(reply(body=BODY[::-1], sent=5000))
    with pytest.raises(UnavailableError, match="broke off"):
        get(url, sha256="")
    server.offer(reply(body=BODY, ranges=True))
    assert get(url, sha256="") == BODY
    assert _ranges(server)[-1] is None


def test_a_part_from_another_address_is_thrown_away(get: Get, server: Any, reply: Any) -> None:
    with pytest.raises(UnavailableError):
        get(server.offer(reply(body=BODY, sent=5000)))
    assert get(server.offer(reply(body=BODY, ranges=True), path="/other")) == BODY
    assert _ranges(server)[-1] is None


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_busy_server_is_asked_again(get: Get, server: Any, reply: Any, status: int) -> None:
    assert get(server.offer(reply(status=status), reply(status=status), reply(body=BODY))) == BODY


def test_a_server_that_stays_busy_is_told(get: Get, server: Any, reply: Any, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as refusal:
        get(server.offer(reply(status=503)))
    assert str(refusal.value) == (
        f"Gaps could not be downloaded: 127.0.0.1 answered 503 (Service Unavailable); {WAY_OUT}"
    )
    assert len(server.asked) == download.ATTEMPTS
    assert list(tmp_path.iterdir()) == []


def test_a_connection_that_keeps_breaking_ends_as_long_as_pieces_come(
    get: Get, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "PIECE_BYTES", 1000)
    url = server.offer(reply(body=BODY, sent=1000, ranges=True, headers={"ETag": '"1"'}))
    assert get(url) == BODY
    assert len(server.asked) == 11


def test_a_trickle_is_given_up_and_gone_on_with(
    get: Get, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(download, "WINDOW_SECONDS", 0.2)
    url = server.offer(reply(body=BODY, pause=0.02, ranges=True))
    with pytest.raises(UnavailableError) as refusal:
        get(url)
    assert str(refusal.value).startswith("The download of Gaps was given up: ")
    assert str(refusal.value).endswith(" seconds are too few; try again later, it goes on from there.")
    assert 10 < (tmp_path / "table.part").stat().st_size < 100


@pytest.mark.parametrize("announced", [len(BODY) + 1, 10 * len(BODY)])
def test_a_content_length_that_is_too_large_is_a_broken_download(
    get: Get, server: Any, reply: Any, announced: int
) -> None:
    with pytest.raises(UnavailableError) as refusal:
        get(server.offer(reply(body=BODY, announced=announced)))
    assert str(refusal.value) == (
        f"The download of Gaps broke off after 10,240 of {announced:,} bytes; try again."
    )


def test_a_content_length_that_is_too_small_is_another_content(
    get: Get, server: Any, reply: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match="is not the published file"):
        get(server.offer(reply(body=BODY, announced=100)))
    assert list(tmp_path.iterdir()) == []


def test_another_content_is_refused_and_thrown_away(
    get: Get, server: Any, reply: Any, tmp_path: Path
) -> None:
    corrupted = BODY[:-1] + b"?"
    with pytest.raises(UnavailableError) as refusal:
        get(server.offer(reply(body=corrupted)))
    found, wanted = (hashlib.sha256(body).hexdigest()[:12] for body in (corrupted, BODY))
    assert str(refusal.value) == (
        f"The download of Gaps is not the published file (SHA-256 {found}… in place of {wanted}…); {WAY_OUT}"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("announced", [None, -1])
def test_a_file_that_is_too_large_is_refused_and_thrown_away(
    get: Get, server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, announced: int | None
) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 4096)
    with pytest.raises(UnavailableError) as refusal:
        get(server.offer(reply(body=BODY, announced=announced)))
    assert str(refusal.value) == f"The download of Gaps is larger than 0 MiB; {WAY_OUT}"
    assert list(tmp_path.iterdir()) == []


def test_an_answer_without_the_file_is_told(get: Get, server: Any, reply: Any) -> None:
    with pytest.raises(UnavailableError) as refusal:
        get(server.offer(reply(status=202)))
    assert str(refusal.value) == (
        f"Gaps could not be downloaded: the server answered 202 without the file; {WAY_OUT}"
    )
