"""Take the pictures of the README: start a server, train on the built-in example, look at each page.

Run from the root of the project: `python docs/screenshots.py [folder]`. Needs playwright and a Chromium;
BRNET_CHROMIUM names its program where playwright has none of its own.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESK, PHONE = (1280, 860), (390, 844)
START_SECONDS, TRAIN_SECONDS, PAGE_SECONDS = 120, 1200, 120
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
MOST_BYTES = 200_000  # of one picture


def main(folder: Path) -> None:
    """One picture a page, on a desk; home and the finished run also on a phone and in the dark."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="brnet-screenshots-") as home:
        port = _free_port()
        with _server(Path(home), port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
            try:
                _take_all(browser, f"http://127.0.0.1:{port}", folder)
            finally:
                browser.close()
                _stop_engine(home)


def _take_all(browser: Browser, address: str, folder: Path) -> None:
    first = _train(browser, f"{address}/train", picture=folder / "live.png")
    second = _train(browser, f"{address}/train?architecture=IRNet-17")
    _publish(browser, f"{address}/runs?run={first}", "alloys")
    pages = {
        "home": "/?formula=GaN",
        "data": "/data",
        "train": "/train",
        "run": f"/runs?run={first}",
        "runs": "/runs",
        "compare": f"/compare?runs={first},{second}",
        "lookup": "/lookup?models=mp-band-gap&formulas=GaN%0AZnO%0ALi0.5CoO2%0ACuSO4%C2%B75H2O%0AXx2",
        "models": "/models",
    }
    for name, path in pages.items():
        _take(browser, address + path, folder / f"{name}.png")
    _take(browser, address + pages["home"], folder / "home-phone.png", size=PHONE)
    _take(browser, address + pages["run"], folder / "run-dark.png", scheme="dark")


def _train(browser: Browser, address: str, *, picture: Path | None = None) -> str:
    """Start a run with the button, wait for its end, return its id."""
    page = _open(browser, address)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/runs?run=*")
    if picture:
        page.get_by_text("best so far").wait_for(timeout=TRAIN_SECONDS * 1000)
        page.wait_for_timeout(4000)
        _save(page, picture)
    page.get_by_text("Take it along").wait_for(timeout=TRAIN_SECONDS * 1000)
    run_id = page.url.rpartition("run=")[2]
    page.close()
    return run_id


def _publish(browser: Browser, address: str, name: str) -> None:
    page = _open(browser, address)
    page.get_by_label("Name of the model", exact=True).fill(name)
    page.keyboard.press("Tab")
    _settle(page)
    page.get_by_role("button", name="Publish").click()
    page.get_by_text(f"{name} is on the shelf").wait_for()
    page.close()


def _take(
    browser: Browser, address: str, path: Path, *, size: tuple[int, int] = DESK, scheme: str = "light"
) -> None:
    page = _open(browser, address, size=size, scheme=scheme)
    if path.stem == "data":
        page.get_by_role("button", name="Use the example").click()
        page.get_by_text("Rows to learn from").wait_for()
        _settle(page)
        page.get_by_text("Rows to learn from").evaluate("element => element.scrollIntoView()")
    _save(page, path)
    page.close()


def _open(browser: Browser, address: str, *, size: tuple[int, int] = DESK, scheme: str = "light") -> Page:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(address)
    _settle(page)
    return page


def _settle(page: Page) -> None:
    page.wait_for_selector(SETTLED, timeout=PAGE_SECONDS * 1000)
    page.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length === 0")
    page.wait_for_timeout(2000)  # charts draw after the script has ended


def _save(page: Page, path: Path) -> None:
    """Save the visible part; PNG of flat colours stays small, a larger one is an error to look at."""
    page.screenshot(path=path)
    n_bytes = path.stat().st_size
    print(f"{path}: {n_bytes / 1000:.0f} kB")
    if n_bytes > MOST_BYTES:
        raise SystemExit(f"{path} has {n_bytes:,} bytes, more than {MOST_BYTES:,}.")


@contextmanager
def _server(home: Path, port: int) -> Iterator[None]:
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options],
        cwd=ROOT,
        env=os.environ | {"BRNET_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.3)
    raise SystemExit(f"The server did not answer at {address} within {START_SECONDS} s.")


def _stop_engine(home: str) -> None:
    """The engine outlives its server; this one's home goes away."""
    code = "from brnet.runs.engine import stop_engine; stop_engine()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"BRNET_HOME": home}, check=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _chromium() -> str | None:
    named = os.environ.get("BRNET_CHROMIUM")
    return named or next((path for path in CHROMIUM if Path(path).exists()), None)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
