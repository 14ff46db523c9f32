"""A run in the hands of its user: cancel, finish early, restart of the web server while it trains."""

import re
import time

from playwright.sync_api import Page, expect

from .conftest import Server, press, settle, visit
from .test_journey import POINTS

ENDLESS = "train?recipe=reference&features=ef&size=budget&budget=200000&epochs=3000"


def start(server: Server, page: Page, *, seed: int) -> None:
    """Train the built-in example for longer than any test waits."""
    visit(page, f"{server.url}/{ENDLESS}&seed={seed}")
    press(page, "train")
    page.wait_for_url(re.compile(r"/runs\?run="))
    page.wait_for_function(f"({POINTS})() > 1", timeout=60_000)


def test_cancel_ends_the_run_within_a_second_and_keeps_its_curve(server: Server, page: Page) -> None:
    start(server, page, seed=1)
    press(page, "cancel")
    expect(page.get_by_text("This run was cancelled; its curves up to then are kept.")).to_be_visible()
    assert page.evaluate(POINTS) > 1


def test_finish_now_keeps_the_best_and_scores_it(server: Server, page: Page) -> None:
    start(server, page, seed=2)
    press(page, "finish")
    expect(page.get_by_text("Put it on the shelf")).to_be_visible(timeout=120_000)


def test_training_survives_a_restart_of_the_web_server(server: Server, page: Page) -> None:
    start(server, page, seed=3)
    before = page.evaluate(POINTS)
    server.stop_web()
    time.sleep(2)
    server.start()
    visit(page, page.url)
    page.wait_for_function(f"({POINTS})() > {before}", timeout=60_000)
    settle(page)
    press(page, "cancel")
    expect(page.get_by_text("This run was cancelled")).to_be_visible()
