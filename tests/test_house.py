"""The rules of the house: which room may import which, and what pages leave to the library."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("materials", "models", "training", "runs", "zoo", "views", "web")
LIVES_IN = {
    "torch": ("brnet/models", "brnet/training", "brnet/runs/child.py", "brnet/views/lessons.py", "app.py"),
    "sqlalchemy": ("brnet/runs",),
    "alembic": ("brnet/runs",),
    "distributed": ("brnet/runs",),
    "dask": ("brnet/runs",),
    "plotly": ("brnet/views", "app.py"),
    "starlette": ("brnet/web",),
    "streamlit": ("pages", "app.py"),
    "pydantic_settings": ("brnet/settings.py",),
}
PAGES_MAY_IMPORT = {"streamlit", "brnet", "pages"} | set(sys.stdlib_module_names)
FORBIDDEN = {"pickle", "joblib", "dill", "cloudpickle"}


def sources() -> list[Path]:
    return sorted([*ROOT.glob("brnet/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"])


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported module with its line, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
            if node.module == "brnet":
                yield from ((node.lineno, f"brnet.{alias.name}") for alias in node.names)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(module: str) -> int | None:
    """The number of a module's room; errors, settings and disk stand before all."""
    parts = module.split(".")
    if parts[0] != "brnet" or len(parts) < 2:
        return None
    if parts[1] in ("errors", "settings", "disk"):
        return -1
    return ROOMS.index(parts[1]) if parts[1] in ROOMS else len(ROOMS)


def violations() -> Iterator[str]:
    for path in sources():
        here = place(path)
        own = room(here.removesuffix(".py").replace("/", "."))
        for line, module in imports(path):
            top = module.split(".")[0]
            other = room(module)
            if module.startswith("."):
                yield f"{here}:{line} relative import {module}"
            if top in FORBIDDEN:
                yield f"{here}:{line} imports {top}: files are JSON, Parquet or safetensors"
            if own is not None and other is not None and other > own:
                yield f"{here}:{line} imports {module} from a later room"
            if top in LIVES_IN and not here.startswith(LIVES_IN[top]):
                yield f"{here}:{line} imports {top}, which lives in {', '.join(LIVES_IN[top])}"
            if here.startswith("brnet/") and top == "pages":
                yield f"{here}:{line} the library imports a page"
            if here.startswith("pages/") and top not in PAGES_MAY_IMPORT:
                yield f"{here}:{line} a page imports {top}"


def test_every_import_goes_to_an_earlier_room() -> None:
    assert list(violations()) == []


def test_a_planted_violation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "brnet" / "materials" / "bad.py"
    planted.parent.mkdir(parents=True)
    (tmp_path / "app.py").touch()
    planted.write_text("import os\nfrom brnet.models import network\nimport streamlit\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert list(violations()) == [
        "brnet/materials/bad.py:2 imports brnet.models from a later room",
        "brnet/materials/bad.py:3 imports streamlit, which lives in pages, app.py",
    ]


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        place(path)
        for path in ROOT.glob("brnet/**/*.py")
        if re.search(r"os\.environ|getenv", path.read_text(encoding="utf-8")) and path.name != "settings.py"
    ]
    assert readers == []


def test_session_state_and_caches_live_in_one_file_each() -> None:
    for word, home in (("session_state", "pages/parts/state.py"), ("st.cache_", "pages/parts/resources.py")):
        users = [place(p) for p in ROOT.glob("pages/**/*.py") if word in p.read_text(encoding="utf-8")]
        assert set(users) <= {home}, f"{word} is used outside {home}"


def test_pages_do_not_wait_or_define_classes() -> None:
    for path in ROOT.glob("pages/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            assert not isinstance(node, ast.While), f"{place(path)}:{node.lineno} loops with while"
            if path.parent.name == "pages":
                assert not isinstance(node, ast.ClassDef), f"{place(path)}:{node.lineno} defines a class"
        names = {module for _, module in imports(path)}
        assert not names & {"threading", "time", "asyncio"}, f"{place(path)} waits or starts threads"


@pytest.mark.parametrize("statement", ["import brnet", "import brnet.cli"])
def test_importing_the_library_is_light(statement: str) -> None:
    heavy = {"torch", "sklearn", "streamlit", "pymatgen", "pandas", "numpy"}
    check = f"{statement}, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
