"""Databases that speak OPTIMADE are asked through their own client, and say so when they cannot be."""

import importlib.util
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pymatgen.ext.optimade import OptimadeRester

from brnet.errors import BrnetError, NotFoundError, UnavailableError
from brnet.materials.public.providers import PROVIDERS, Provider, fetch_optimade, optimade_properties
from brnet.materials.tables.columns import guess_columns
from brnet.materials.tables.files import read_table

needs_client = pytest.mark.skipif(
    importlib.util.find_spec("optimade") is None, reason="the extra optimade is not installed"
)
INFO = {
    "data": {
        "properties": {
            "_exmpl_band_gap": {"description": "gap", "type": "float", "unit": "eV"},
            "_exmpl_n": {
                "type": ["number", "null"],
                "x-optimade-type": "float",
                "x-optimade-unit": "dimensionless",
            },
            "nsites": {"description": "sites", "type": "integer"},
            "elements": {"description": "elements", "type": "list"},
            "chemical_formula_reduced": {"description": "formula", "type": "string"},
        }
    },
    "meta": {},
}
FILTER = 'elements HAS "O"'


def _page(numbers: range, following: str | None, *, available: int = 5) -> bytes:
    entries = [
        {
            "id": f"x-{n}",
            "type": "structures",
            "attributes": {
                "chemical_formula_reduced": f"O{n}Ti",
                "_exmpl_band_gap": n / 2 if n != 3 else None,
                "_exmpl_stability": {"pbe": {"e_form": -n}},
            },
        }
        for n in numbers
    ]
    meta = {"data_returned": available, "data_available": available, "more_data_available": bool(following)}
    return json.dumps({"data": entries, "meta": meta, "links": {"next": following}}).encode()


class _Anywhere(dict):
    """The answers to a path with whatever question."""

    def get(self, path: str, default: Any = None) -> Any:
        parts = urlsplit(path)
        page = parse_qs(parts.query).get("page", [""])[0]
        return super().get(parts.path + page, default)


@pytest.fixture
def database(server: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider 'local' of five structures on three pages."""
    monkeypatch.setitem(
        PROVIDERS, "local", Provider(title="Local", address=server.address, home=server.address)
    )
    answers = _Anywhere(server.replies)
    following = f"{server.address}/v1/structures?page="
    answers["/v1/info/structures"] = [reply(body=json.dumps(INFO).encode())]
    answers["/v1/structures"] = [reply(body=_page(range(1, 3), following + "2"))]
    answers["/v1/structures2"] = [reply(body=_page(range(3, 5), following + "3"))]
    answers["/v1/structures3"] = [reply(body=_page(range(5, 6), None))]
    object.__setattr__(server, "replies", answers)
    return server


def _fetch(**options: Any) -> bytes:
    return fetch_optimade("local", **({"filter": FILTER, "properties": ["_exmpl_band_gap"]} | options))


@needs_client
def test_the_numbers_on_offer_are_listed_with_their_units(database: Any) -> None:
    assert optimade_properties("local") == {"_exmpl_band_gap": "eV", "_exmpl_n": "", "nsites": ""}


@needs_client
def test_all_pages_arrive_as_one_table(database: Any) -> None:
    shares: list[float] = []
    data = _fetch(progress=shares.append)
    assert data.decode().splitlines() == [
        "formula,band_gap (eV),id",
        "O1Ti,0.5,x-1",
        "O2Ti,1.0,x-2",
        "O3Ti,,x-3",
        "O4Ti,2.0,x-4",
        "O5Ti,2.5,x-5",
    ]
    assert shares == [0.4, 0.8, 1.0]
    table = read_table(data, name="local.csv")
    assert guess_columns(table).targets == ("band_gap (eV)",)


@needs_client
def test_only_the_fields_that_are_needed_are_asked_for(database: Any) -> None:
    _fetch(properties=["_exmpl_band_gap", "_exmpl_stability.pbe.e_form"])
    question = parse_qs(urlsplit(database.asked[1][0]).query)
    assert question["filter"] == [FILTER]
    assert question["response_fields"] == ["chemical_formula_reduced,_exmpl_band_gap,_exmpl_stability"]


@needs_client
def test_a_property_inside_another_is_found(database: Any) -> None:
    lines = _fetch(properties=["_exmpl_stability.pbe.e_form"]).decode().splitlines()
    assert lines[:2] == ["formula,stability.pbe.e_form,id", "O1Ti,-1,x-1"]


@needs_client
def test_no_more_rows_arrive_than_are_wanted(database: Any) -> None:
    assert len(_fetch(most=3).decode().splitlines()) == 4


@needs_client
def test_the_proxy_is_used(database: Any, set_setting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    set_setting(BRNET_PROXY=database.address)
    monkeypatch.setitem(PROVIDERS, "local", Provider(title="Local", address="http://data.example", home=""))
    assert optimade_properties("local")["nsites"] == ""
    assert database.asked[0][0].startswith("http://data.example/v1/info/structures")


def _refusal(**options: Any) -> str:
    with pytest.raises(BrnetError) as refusal:
        _fetch(**options)
    return str(refusal.value)


@needs_client
def test_a_filter_that_is_none_is_refused_with_an_example(database: Any) -> None:
    before = sys.excepthook
    assert _refusal(filter="elements HAS Ti") == (
        "'elements HAS Ti' is not an OPTIMADE filter; write for example elements HAS \"Ti\" AND nelements=2."
    )
    assert sys.excepthook is before


@needs_client
def test_no_match_is_told(database: Any, reply: Any) -> None:
    database.replies["/v1/structures"] = [reply(body=_page(range(0), None, available=0))]
    assert _refusal() == f"Local has no structure that fits {FILTER!r}; widen the filter."


@needs_client
def test_a_provider_that_fails_on_the_way_is_told(database: Any, reply: Any) -> None:
    database.replies["/v1/structures3"] = [reply(status=500, body=b"oh\nno")]
    sentence = _refusal()
    assert sentence.startswith("Local did not answer (RuntimeError: 500 - http://127.0.0.1:")
    assert sentence.endswith("); try again later.")
    assert "\n" not in sentence


@needs_client
def test_a_provider_that_asks_for_patience_for_ever_is_given_up(
    database: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    database.replies["/v1/structures"] = [reply(status=429)]
    assert _refusal() == (
        "Local did not answer (ConnectionError: it answers 'too many requests'); try again later."
    )


@needs_client
def test_a_provider_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Provider(title="Nowhere", address="http://127.0.0.1:9", home="")
    monkeypatch.setitem(PROVIDERS, "local", nowhere)
    assert _refusal().startswith("Nowhere did not answer (ConnectionError: ")


@needs_client
@pytest.mark.parametrize("body", [b"<html>", b'{"data": {}}', b'{"data": {"properties": 3}}'])
def test_a_provider_that_speaks_something_else_is_told(database: Any, reply: Any, body: bytes) -> None:
    database.replies["/v1/info/structures"] = [reply(body=body)]
    assert _refusal().startswith("Local did not answer (")


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(NotFoundError) as refusal:
        optimade_properties("nowhere")
    assert str(refusal.value) == (
        "There is no OPTIMADE provider 'nowhere'; choose one of mp, oqmd, alexandria."
    )


def test_without_the_client_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optimade.client", None)
    with pytest.raises(UnavailableError) as refusal:
        fetch_optimade("mp", filter=FILTER, properties=[])
    assert str(refusal.value) == (
        "Databases that speak OPTIMADE are asked through the package optimade, which is not installed; "
        "install it with: pip install 'brnet[optimade]'."
    )


def test_addresses_agree_with_pymatgens() -> None:
    known = OptimadeRester.aliases
    for name, provider in PROVIDERS.items():
        assert provider.address.rstrip("/") == known[name].rstrip("/")
