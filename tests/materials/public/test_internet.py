"""Requests go through the proxy that is set, to http and https only, and fail with a sentence."""

import socket
import ssl
import urllib.request
from http.client import HTTPMessage
from typing import Any
from urllib.error import URLError

import pytest

from brnet.errors import UnavailableError
from brnet.materials.public import internet
from brnet.materials.public.internet import BrokenOffError, mirrored, opened

WAY_OUT = "try again later, or get the file from its source and upload it."


def _read(url: str) -> bytes:
    with opened(url, title="Gaps", headers={}) as response:
        return response.read()


def _refusal(url: str) -> str:
    with pytest.raises(UnavailableError) as refusal:
        _read(url)
    return str(refusal.value)


def test_a_missing_file_is_told(server: Any) -> None:
    assert _refusal(server.address + "/nothing") == (
        f"Gaps could not be downloaded: 127.0.0.1 answered 404 (Not Found); {WAY_OUT}"
    )


def test_the_servers_own_words_are_not_shown(server: Any, reply: Any) -> None:
    assert "answered 599 (no known reason)" in _refusal(server.offer(reply(status=599)))


def test_no_connection_is_told(server: Any) -> None:
    assert _refusal("http://127.0.0.1:9/table") == (
        "Gaps could not be downloaded: 127.0.0.1 did not answer (connection refused); check the connection, "
        f"{WAY_OUT}"
    )


@pytest.mark.parametrize(
    ("reason", "passing"),
    [
        (ConnectionRefusedError(111, "Connection refused"), False),
        (socket.gaierror(-2, "Name or service not known"), False),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), False),
        (ConnectionResetError(104, "Connection reset by peer"), True),
        (TimeoutError("timed out"), True),
    ],
)
def test_only_failures_that_may_pass_are_worth_another_attempt(
    monkeypatch: pytest.MonkeyPatch, reason: OSError, passing: bool
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise URLError(reason)

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", fail)
    with pytest.raises(UnavailableError) as refusal:
        _read("http://data.example/table")
    assert isinstance(refusal.value, BrokenOffError) is passing
    assert (reason.strerror or "timed out").lower() in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "ftp://127.0.0.1/table",
        "data:text/plain,1",
        "http:///table",
        "http://127.0.0.1:99999/table",
        "http://[::1/table",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\nb",
        "",
    ],
)
def test_only_http_addresses_are_asked(address: str) -> None:
    assert _refusal(address) == "The address of Gaps is not an http or https address; correct it."


def test_a_host_that_is_no_name_is_told() -> None:
    assert "did not answer" in _refusal(f"http://{'a' * 64}.example/table")


def test_a_redirection_is_followed(server: Any, reply: Any) -> None:
    there = server.offer(reply(body=b"here"), path="/there")
    assert _read(server.offer(reply(status=302, headers={"Location": there}))) == b"here"


def test_a_redirection_without_end_is_told(server: Any, reply: Any) -> None:
    assert _refusal(server.offer(reply(status=302, headers={"Location": "/table"}))) == (
        f"Gaps could not be downloaded: 127.0.0.1 leads on to other addresses without end; {WAY_OUT}"
    )


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/table"])
def test_a_redirection_to_another_kind_of_address_is_not_followed(
    server: Any, reply: Any, target: str
) -> None:
    sentence = _refusal(server.offer(reply(status=302, headers={"Location": target})))
    assert sentence in (
        "The address to which Gaps has moved is not an http or https address; correct it.",
        f"Gaps could not be downloaded: 127.0.0.1 leads on to other addresses without end; {WAY_OUT}",
    )


def test_a_redirection_out_of_https_is_not_followed() -> None:
    request = urllib.request.Request("https://data.example/table")
    with pytest.raises(UnavailableError) as refusal:
        internet._Redirects("Gaps").redirect_request(
            request, None, 302, "Found", HTTPMessage(), "http://data.example/table"
        )
    assert str(refusal.value) == (
        "Gaps could not be downloaded: data.example leads on to an address without encryption; " + WAY_OUT
    )


def test_the_proxy_that_is_set_is_asked(server: Any, reply: Any, set_setting: Any) -> None:
    server.offer(reply(body=b"through"), path="http://data.example/table")
    set_setting(BRNET_PROXY=server.address)
    assert _read("http://data.example/table") == b"through"
    assert server.asked[0][1]["host"] == "data.example"


def test_the_proxy_of_the_environment_is_asked(
    server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.offer(reply(body=b"through"), path="http://data.example/table")
    monkeypatch.setenv("http_proxy", server.address)
    assert _read("http://data.example/table") == b"through"


def test_a_proxy_that_fails_is_named_without_its_password(server: Any, set_setting: Any) -> None:
    set_setting(BRNET_PROXY="http://me:secret@127.0.0.1:9")
    sentence = _refusal("http://data.example/table")
    assert "data.example through the proxy 127.0.0.1 did not answer" in sentence
    assert "secret" not in sentence


def test_a_proxy_that_speaks_no_http_is_refused(set_setting: Any) -> None:
    set_setting(BRNET_PROXY="socks5://127.0.0.1:1080")
    assert _refusal("http://data.example/table") == (
        "The proxy that BRNET_PROXY names is not an http or https address; correct it."
    )


def test_a_file_is_looked_for_at_the_mirror_by_its_name(set_setting: Any) -> None:
    assert mirrored("https://data.example/1", file_name="ssub.json.zip") == "https://data.example/1"
    set_setting(BRNET_MIRROR="http://127.0.0.1/data/")
    assert mirrored("https://data.example/1", file_name="ssub.json.zip") == (
        "http://127.0.0.1/data/ssub.json.zip"
    )


def test_a_mirror_that_is_no_address_is_refused(set_setting: Any) -> None:
    set_setting(BRNET_MIRROR="/srv/data")
    with pytest.raises(UnavailableError) as refusal:
        mirrored("https://data.example/1", file_name="ssub.json.zip")
    assert str(refusal.value) == (
        "The mirror that BRNET_MIRROR names is not an http or https address; correct it."
    )
