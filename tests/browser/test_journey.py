"""The main job in a real browser: upload, train, watch, leave and come back, compare, publish, look up."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from brnet.materials.public.catalog import example_table
from brnet.settings import settings

from .conftest import Server, press, settle, visit

MOST_MS = 240_000
POINTS = """() => { const plot = document.querySelector('.st-key-curves .js-plotly-plot');
                    return plot && plot.data && plot.data[0].x ? plot.data[0].x.length : 0; }"""


@pytest.fixture
def table(tmp_path: Path) -> tuple[Path, str, str]:
    """A table, a formula to ask about, and the unit of the answer: the measured gaps where they are."""
    gaps = settings().shared_data / "matbench" / "matbench_expt_gap.csv"
    if gaps.is_file():
        return gaps, "GaAs", "eV"
    example = tmp_path / "enthalpies.csv"
    example.write_bytes(example_table())
    return example, "FeAl", "kJ/mol"


def test_from_upload_to_lookup(server: Server, page: Page, table: tuple[Path, str, str]) -> None:
    path, formula, unit = table

    visit(page, f"{server.url}/data")
    page.set_input_files(".st-key-upload input[type=file]", path)
    expect(page.get_by_text("Rows to learn from")).to_be_visible()
    settle(page)
    press(page, "train_on_this")

    expect(page.get_by_text("Trainable parameters")).to_be_visible()
    expect(page.locator(".st-key-diagram .js-plotly-plot")).to_be_visible()
    settle(page)
    counted = page.locator("[data-testid=stMetricValue]").first.inner_text()
    assert abs(int(counted.replace(",", "")) / 200_000 - 1) < 0.02
    press(page, "train")

    page.wait_for_url(re.compile(r"/runs\?run="))
    run_url = page.url
    page.wait_for_function(f"({POINTS})() > 1", timeout=60_000)
    seen = page.evaluate(POINTS)
    page.wait_for_function(f"({POINTS})() > {seen}", timeout=60_000)

    page.reload()
    settle(page)
    assert page.url == run_url
    expect(page.locator(".st-key-cancel button")).to_be_visible()
    page.wait_for_function(f"({POINTS})() > {seen}", timeout=60_000)

    expect(page.get_by_text("Put it on the shelf")).to_be_visible(timeout=MOST_MS)
    settle(page)
    for name in ("LightGBM", "Extra trees", "Ridge"):
        expect(page.get_by_text(name).first).to_be_attached()
    page.locator(".st-key-publish_name input").fill("journey")
    page.locator(".st-key-publish_name input").press("Enter")
    settle(page)
    press(page, "publish")
    expect(page.get_by_text("journey is on the shelf")).to_be_visible()

    visit(page, f"{server.url}/lookup?models=journey&formulas={formula}")
    expect(page.locator("[data-testid=stDataFrame]").first).to_be_visible()
    with page.expect_download() as download:
        press(page, "download_answers")
    header, line = Path(download.value.path()).read_text().splitlines()[:2]
    assert unit in header + line
    assert line.startswith(formula)
    assert re.search(r"\d\.\d+|\d+", line.removeprefix(formula))


def test_a_dirty_table_explains_every_row(server: Server, page: Page, tmp_path: Path) -> None:
    dirty = tmp_path / "dirty.csv"
    rows = ["formula,gap (eV)", "GaAs,1.4", "Xx2,1", "Fe3+,2", "NaCl,", "CuSO4.5H2O,2", "NaN,0.5", "O2N+3,1"]
    dirty.write_text("\n".join(rows) + "\n")
    visit(page, f"{server.url}/data?view=Cleaning")
    page.set_input_files(".st-key-upload input[type=file]", dirty)
    expect(page.get_by_text("4 rows left out")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        press(page, "download_touched")
    lines = Path(download.value.path()).read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4", "5", "8"]
    assert "is not an element" in lines[1]
    assert "could be" in lines[2]
    assert "missing" in lines[3]


def test_a_file_that_is_no_table_is_refused_on_the_page(server: Server, page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"formula,y\nGa\0As,1\n")
    visit(page, f"{server.url}/data")
    page.set_input_files(".st-key-upload input[type=file]", broken)
    expect(page.get_by_text("broken.csv is not a text file; save the table as CSV")).to_be_visible()


def test_a_whole_table_comes_back_with_answers(server: Server, page: Page, tmp_path: Path) -> None:
    asked = tmp_path / "samples.csv"
    asked.write_text("sample,compound,remark\nA1,NaCl,salt\nA2,Xx2,=cmd()\nA3,Li0.5CoO2,\n")
    visit(page, f"{server.url}/lookup?models=mp-formation-energy,mp-bulk-modulus")
    page.get_by_text("A whole table").click()
    page.set_input_files(".st-key-batch input[type=file]", asked)
    expect(page.get_by_text("3 rows answered")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        press(page, "download_batch")
    header, *lines = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert header[:3] == ["sample", "compound", "remark"]
    assert "predicted formation energy (eV/atom)" in header
    assert "predicted bulk modulus (GPa)" in header
    assert [line[0] for line in lines] == ["A1", "A2", "A3"]
    assert float(lines[0][3]) < -1.5
    assert "'Xx' in 'Xx2' is not an element." in lines[1]
    assert lines[1][2] == "'=cmd()"


def test_public_datasets_say_so_when_offline(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/data")
    press(page, "fetch")
    expect(page.get_by_text("could not be downloaded")).to_be_visible()
    expect(page.get_by_text("Use the example")).to_be_visible()
