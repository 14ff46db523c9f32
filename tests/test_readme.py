"""The README: its commands run, its pictures and files exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from brnet.cli import main

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)
SHELL = [line for kind, block in BLOCKS if not kind for line in block.replace("\\\n", " ").splitlines()]


def test_the_two_commands_set_up_and_start() -> None:
    first, second, *_ = (line for line in SHELL if line.startswith("python3 -m venv"))
    assert first.endswith(".venv/bin/pip install -r requirements.txt && .venv/bin/streamlit run app.py")
    assert second.endswith(".venv/bin/pip install -r requirements-dev.txt && .venv/bin/python -m pytest")
    assert second in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("brnet ")])
def test_each_command_and_option_exists(line: str) -> None:
    verb, *words = shlex.split(line)[1:]
    known = CliRunner().invoke(main, [verb, "--help"])
    assert known.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in known.output


def test_the_python_example_runs() -> None:
    example = next(block for kind, block in BLOCKS if kind == "python")
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'Xx' in 'Xx2' is not an element." in done.stdout


def test_every_picture_and_file_is_there() -> None:
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT) + re.findall(r"`([\w./-]+\.(?:md|txt|cff|py))`", TEXT)
    assert named
    missing = [name for name in named if not (ROOT / name).is_file()]
    assert missing == []
