"""What every test may ask for: the real datasets, an isolated home."""

import os
from collections.abc import Iterator
from pathlib import Path

# Before torch, scikit-learn and LightGBM are loaded: tests run side by side, and threads that wait for
# each other by spinning take ten times as long where cores are shared.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("BRNET_THREADS", "1")

import pytest

from brnet.settings import settings


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real datasets; a user's machine may lack it, CI may not."""
    folder = settings().shared_data
    if folder.is_dir():
        return folder
    reason = f"the real datasets are not at {folder}; set BRNET_SHARED_DATA to their folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty BRNET_HOME of this test's own."""
    monkeypatch.setenv("BRNET_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()
