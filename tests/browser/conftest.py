"""A real server of this test's own and a real Chromium, both on loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SILENT = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
START_SECONDS = 60
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """`brnet serve` with a home of its own, which can be stopped and started again on the same port."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.port = self.port or free_port()
        with (self.home / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "brnet", "serve", "--port", str(self.port)],
                cwd=self.home,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).read()
                return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError((self.home / "web.log").read_text())

    def stop_web(self) -> None:
        """End the web server alone; the engine and what it trains go on."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=20)

    def stop(self) -> None:
        self.stop_web()
        stop = "from brnet.runs.engine import stop_engine; stop_engine()"
        subprocess.run([sys.executable, "-c", stop], env=self._environment(), check=True, timeout=60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _environment(self) -> dict[str, str]:
        fixed = {"BRNET_HOME": str(self.home / "home"), "PYTHONPATH": str(ROOT)}
        return os.environ | fixed | self.environment


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(SILENT))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    nowhere = "http://127.0.0.1:9"  # a proxy that refuses: the server is offline, wherever the tests run
    environment = {"BRNET_THREADS": "2", "http_proxy": nowhere, "https_proxy": nowhere}
    started = Server(home=tmp_path_factory.mktemp("server"), environment=environment)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page 1,280 wide that fails the test when it asks any other host than this one."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url) else None)
    yield page
    context.close()
    assert foreign == []


def visit(page: Page, url: str) -> None:
    """Open an address and wait until Streamlit has drawn it."""
    page.goto(url)
    settle(page)


def press(page: Page, key: str) -> None:
    """Click the button with this key; a button with a tooltip is drawn twice for a moment."""
    page.locator(f".st-key-{key} button").first.click()


def settle(page: Page) -> None:
    page.wait_for_selector(READY)
    page.wait_for_timeout(300)
    page.wait_for_selector(READY)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_foreign(url: str) -> bool:
    return url.startswith(("http://", "https://", "ws://")) and "127.0.0.1" not in url
