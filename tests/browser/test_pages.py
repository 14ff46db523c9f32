"""Every page opened directly on a fresh server, on a desk and on a phone."""

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Server, settle, visit

PAGES = ("", "data", "train", "runs", "compare", "lookup", "models")
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("name", PAGES)
def test_a_direct_link_opens_the_page_inside_the_shell(server: Server, page: Page, name: str) -> None:
    visit(page, f"{server.url}/{name}")
    expect(
        page.locator("[data-testid=stTopNavLink], [data-testid=stTopNavLinkContainer]").first
    ).to_be_attached()
    expect(page.locator("h1").first).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(server: Server, browser: Browser, name: str) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    visit(page, f"{server.url}/{name}")
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
    assert wide <= 0
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()


def test_home_answers_before_anything_is_typed(server: Server, page: Page) -> None:
    visit(page, server.url)
    expect(page.get_by_text("eV/atom").first).to_be_visible()
    expect(page.get_by_text("GPa").first).to_be_visible()


def test_a_link_restores_formulas_and_models(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/lookup?models=mp-bulk-modulus&formulas=Fe2O3%0AMgO")
    expect(page.locator(".st-key-formulas textarea")).to_have_value("Fe2O3\nMgO")
    expect(page.get_by_text("Bulk modulus").first).to_be_visible()
    settle(page)


def test_the_api_answers_on_the_same_port(server: Server) -> None:
    body = json.dumps({"model": "mp-band-gap", "formulas": ["GaAs", "Xx2"]}).encode()
    request = urllib.request.Request(
        f"{server.url}/api/v1/predict", data=body, headers={"Content-Type": "application/json"}
    )
    told = json.load(urllib.request.urlopen(request))
    assert told["unit"] == "eV"
    assert told["predictions"][0]["value"] >= 0
    assert told["predictions"][1]["error"] == "'Xx' in 'Xx2' is not an element."
    names = {model["name"] for model in json.load(urllib.request.urlopen(f"{server.url}/api/v1/models"))}
    assert "mp-band-gap" in names


def test_unknown_api_paths_are_not_the_page(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{server.url}/api/v2/anything")
    assert refusal.value.code == 404
    assert "error" in json.load(refusal.value)
