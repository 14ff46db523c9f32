"""Every page opened directly on a fresh server, on a desk and on a phone."""

import json
import re
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


def test_a_run_opened_from_the_list_has_its_own_address(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/train?features=ef&exact=5000&epochs=2&seed=77")
    page.locator(".st-key-train button").first.click()
    page.wait_for_url(re.compile(r"/runs\?run="))
    address = page.url
    visit(page, f"{server.url}/runs")
    page.locator("[class*=st-key-open_] button").first.click()
    page.wait_for_url(address)
    settle(page)
    page.reload()
    settle(page)
    assert page.url == address
    page.locator(".st-key-all_runs button").first.click()
    page.wait_for_url(f"{server.url}/runs")


def test_the_way_back_to_train_keeps_what_was_chosen(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/train?architecture=IRNet-17&budget=50000")
    for name in ("Runs", "Train"):
        page.get_by_role("link", name=name, exact=True).first.click()
        settle(page)
    expect(page.locator(".st-key-architecture input")).to_have_value("IRNet (17 layers)")
    page.wait_for_url(re.compile("architecture=IRNet-17"))


def test_a_model_that_is_not_there_is_named(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/lookup?models=gone&formulas=GaN")
    expect(page.get_by_text("There is no model 'gone' on the shelf; choose another.")).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]")).to_have_count(0)
