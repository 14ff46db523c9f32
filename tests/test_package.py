"""The wheel: built from the checkout, installed elsewhere, it answers and serves without the checkout."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    checkout = place / "checkout"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(place), "."]
    subprocess.run(pip, cwd=checkout, check=True, capture_output=True)
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the installed wheel; its requirements are this environment's."""
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    return site


def test_the_wheel_carries_app_pages_models_and_configuration(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "brnet/_app/app.py",
        "brnet/_app/pages/shell.py",
        "brnet/_app/pages/parts/icon.svg",
        "brnet/_app/.streamlit/config.toml",
        "brnet/_app/pretrained/mp-band-gap/model.safetensors",
        "brnet/materials/inputs/data/elements.csv",
        "brnet/runs/migrations/env.py",
    ):
        assert name in names
    assert not any(name.startswith(("tests/", "pages/", "app.py")) for name in names)


def test_the_wheel_asks_for_the_pinned_requirements(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(n for n in archive.namelist() if n.endswith("METADATA"))).decode()
    pinned = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    assert all(f"Requires-Dist: {line}" in metadata for line in pinned)


def test_the_installed_package_predicts_and_serves(installed: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed), "BRNET_HOME": str(tmp_path / "home")}
    brnet = [sys.executable, "-m", "brnet"]
    told = subprocess.run(
        [*brnet, "predict", "--model", "mp-band-gap", "NaCl"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert "eV" in told.stdout
    port = free_port()
    server = subprocess.Popen([*brnet, "serve", "--port", str(port)], cwd=tmp_path, env=environment)
    try:
        assert _answer(f"http://127.0.0.1:{port}/healthz", server).startswith(b"{")
        assert b"mp-band-gap" in _answer(f"http://127.0.0.1:{port}/api/v1/models", server)
        assert b"streamlit" in _answer(f"http://127.0.0.1:{port}/", server).lower()
    finally:
        time.sleep(1)  # the engine that the server starts has to be there to be stopped
        server.terminate()
        server.wait(timeout=20)
        stop = "from brnet.runs.engine import stop_engine; stop_engine()"
        subprocess.run([sys.executable, "-c", stop], cwd=tmp_path, env=environment, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answer(url: str, server: subprocess.Popen[bytes]) -> bytes:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10).read()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
