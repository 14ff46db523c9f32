"""The Data page in a real browser: dirty workbooks, tables of amounts, links, versions, clicks."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from brnet.materials.public.catalog import example_table

from .conftest import READY, Server, press, settle, visit

DIRTY: list[tuple[object, object]] = [
    ("GaAs", 1.42),
    ("Xx2", 1.0),  # no element
    (datetime(2024, 3, 2), 2.0),  # a formula that the spreadsheet took for a date
    ("NaCl", None),
    ("NaN", 0.5),  # sodium nitride
    ("KCl", "n.d."),
    ("Fe2O3", 2.0),
    ("Fe4O6", 2.2),  # the same composition with another value
    ("CuSO4·5H2O", 2.1),
    ("Fe3+", 2.0),
]
REASONS = {
    3: "'Xx' in 'Xx2' is not an element",
    4: "date",
    5: "is missing",
    7: "is not a finite number",
    9: "Line 8 has the same composition",
    11: "could be",
}
STEELS = """Cr (wt%),Ni (wt%),C (wt%),Fe (wt%),route,yield strength (MPa)
18,8,0.08,73.92,cast,215
13,0,0.2,86.8,forged,345
17,12,0.03,70.97,forged,205
0,0,0.45,99.55,cast,310
12,5,0.1,82.9,cast,400
16,4,0.05,79.95,forged,520
20,10,0.06,69.94,cast,230
9,0,0.12,90.88,forged,415
11,2,0.15,86.85,cast,380
15,6,0.07,78.93,forged,275
14,1,0.3,84.7,cast,450
25,20,0.1,54.9,forged,240
"""


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "dirty.xlsx"
    book = Workbook()
    book.active.append(["formula", "band gap (eV)"])
    for row in DIRTY:
        book.active.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def upload(page: Page, server: Server, path: Path) -> None:
    visit(page, f"{server.url}/data")
    page.set_input_files(".st-key-upload input[type=file]", path)
    expect(page.get_by_text("Rows to learn from")).to_be_visible()
    settle(page)


def open_view(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    settle(page)


def downloaded(page: Page, key: str) -> str:
    with page.expect_download() as download:
        press(page, key)
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_a_dirty_workbook_explains_every_row(server: Server, page: Page, workbook: Path) -> None:
    upload(page, server, workbook)
    open_view(page, "Cleaning")
    rows = csv.DictReader(downloaded(page, "download_touched").splitlines())
    told = {int(row["line"]): (row["kept"], row["reason"]) for row in rows}
    assert sorted(told) == sorted(REASONS)
    for line, words in REASONS.items():
        assert words in told[line][1]
    assert {line for line, (kept, _) in told.items() if kept == "yes"} == {9}


def test_a_table_of_weight_percent_is_shown_as_formulas(server: Server, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "steels.csv"
    path.write_text(STEELS)
    upload(page, server, path)
    assert parse_qs(urlsplit(page.url).query)["target"] == ["yield strength (MPa)"]
    expect(page.get_by_role("radio", name="wt%")).to_have_attribute("aria-checked", "true")
    open_view(page, "Table")
    cleaned = downloaded(page, "download_cleaned").splitlines()
    assert cleaned[0].replace('"', "").startswith("formula,yield strength (MPa)")
    assert re.match(r'"?Fe0\.\d+Cr0\.\d+', cleaned[1]) or re.match(r'"?[A-Z][a-z]?0\.\d+', cleaned[1])


def test_a_cleaned_table_can_be_brought_again(
    server: Server, page: Page, workbook: Path, tmp_path: Path
) -> None:
    upload(page, server, workbook)
    open_view(page, "Table")
    again = tmp_path / "again.csv"
    again.write_text(downloaded(page, "download_cleaned"), encoding="utf-8")
    upload(page, server, again)
    first = page.url
    open_view(page, "Table")
    once_more = tmp_path / "once more.csv"
    once_more.write_text(downloaded(page, "download_cleaned"), encoding="utf-8")
    upload(page, server, once_more)
    assert parse_qs(urlsplit(page.url).query)["dataset"] == parse_qs(urlsplit(first).query)["dataset"]


def test_a_link_restores_the_view(server: Server, page: Page, phone: Page, workbook: Path) -> None:
    upload(page, server, workbook)
    page.locator(".st-key-unit input").fill("meV")
    page.locator(".st-key-unit input").press("Enter")
    settle(page)
    open_view(page, "Cleaning")
    phone.goto(page.url)
    phone.wait_for_selector(READY)
    settle(phone)
    expect(phone.locator(".st-key-unit input")).to_have_value("meV")
    expect(phone.get_by_role("tab", name="Cleaning")).to_have_attribute("aria-selected", "true")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_pasted_table_is_read(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/data")
    press(page, "paste")
    page.locator(".st-key-pasted textarea").fill("GaN\t3.4\nGaAs\t1.42\nZnO\t3.3\n")
    page.keyboard.press("Control+Enter")
    settle(page)
    press(page, "use_pasted")
    expect(page.get_by_text("Rows to learn from")).to_be_visible()
    settle(page)
    assert page.locator("[data-testid=stMetricValue]").first.inner_text() == "3"


def test_a_new_version_replaces_a_table_and_a_deleted_one_is_gone(
    server: Server, page: Page, tmp_path: Path
) -> None:
    rows = example_table().decode().splitlines()
    for name, part in (("old.csv", rows[:60]), ("new.csv", rows[:80])):
        (tmp_path / name).write_text("\n".join(part) + "\n")
    upload(page, server, tmp_path / "old.csv")
    old = page.url
    open_view(page, "Table")
    page.set_input_files(".st-key-new_version input[type=file]", tmp_path / "new.csv")
    expect(page.get_by_text("79", exact=True).first).to_be_visible()
    settle(page)
    visit(page, old)
    expect(page.get_by_text("A newer version is here: new.csv")).to_be_visible()
    open_view(page, "Table")
    press(page, "delete_table")
    press(page, "delete_for_good")
    expect(page.get_by_text("old.csv was deleted.")).to_be_visible()
    visit(page, old)
    expect(page.get_by_text("upload it again")).to_be_visible()


def test_a_click_on_an_element_shows_its_rows(server: Server, page: Page, workbook: Path) -> None:
    upload(page, server, workbook)
    page.locator(".st-key-elements .js-plotly-plot").scroll_into_view_if_needed()
    point = page.evaluate(
        """() => { const plot = document.querySelector('.st-key-elements .js-plotly-plot');
                   const trace = plot.data.findIndex(t => (t.customdata || []).flat().includes('Fe'));
                   const at = plot.data[trace].customdata.flat().indexOf('Fe');
                   const box = plot.getBoundingClientRect(), full = plot._fullLayout;
                   return [box.x + full.xaxis._offset + full.xaxis.d2p(plot.data[trace].x[at]),
                           box.y + full.yaxis._offset + full.yaxis.d2p(plot.data[trace].y[at])]; }"""
    )
    page.mouse.click(*point)
    settle(page)
    assert parse_qs(urlsplit(page.url).query)["element"] == ["Fe"]
    expect(page.get_by_text("2 rows hold Fe")).to_be_visible()
