"""The command line as its users call it: a real process, JSON to read, exit code 2 with one sentence."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from brnet.materials.catalog import example_table

ROOT = Path(__file__).resolve().parent.parent


def brnet(*words: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brnet", *words],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
    )


def answer(*words: str, cwd: Path | None = None, **variables: str) -> object:
    done = brnet(*words, "--json", cwd=cwd, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with table.csv (part of the example and one bad row) and the model trained on it."""
    place = tmp_path_factory.mktemp("cli")
    lines = example_table().decode().splitlines()
    (place / "table.csv").write_text("\n".join([lines[0], *lines[1::12], "Xx2,1.0"]) + "\n")
    words = "train table.csv --architecture BRNet --parameters 5000 --features ef --split random --seed 0"
    done = brnet(*words.split(), "--epochs", "8", "--baselines", "mean,ridge", "--out", "model", cwd=place)
    assert done.returncode == 0, done.stderr
    return place


def test_inspect_names_columns_and_every_dropped_row(trained: Path) -> None:
    told = answer("inspect", "table.csv", cwd=trained)
    assert told["formula_column"] == "formula"
    assert told["quantity"]["unit"] == "kJ/mol"
    assert [row["reason"] for row in told["dropped"]] == ["'Xx' in 'Xx2' is not an element."]
    assert told["dropped"][0]["line"] == told["rows_kept"] + 2


def test_architectures_count_parameters_as_published() -> None:
    rows = {row["name"]: row["parameters"] for row in answer("architectures", "--inputs", "86")}
    assert rows["BRNet"] == rows["iBRNet"] == 4_548_385
    assert rows["plain-17"] == 4_645_249


def test_budget_solves_widths() -> None:
    told = answer("budget", "--architecture", "BRNet", "--parameters", "500000", "--inputs", "145")
    assert abs(told["relative_error"]) < 0.02
    assert told["parameters"] == pytest.approx(500_000, rel=0.02)


def test_train_writes_a_model_and_its_papers(trained: Path) -> None:
    files = {file.name for file in (trained / "model").iterdir()}
    assert files == {"model.safetensors", "model.json", "report.json", "predictions.csv", "card.md"}
    report = json.loads((trained / "model" / "report.json").read_text())
    assert [row["name"] for row in report["rows"]] == ["BRNet", "mean", "ridge"]


def test_evaluate_scores_a_folder_on_a_table(trained: Path) -> None:
    told = answer("evaluate", "model", "table.csv", cwd=trained)
    assert told["rows_dropped"] == 1
    assert told["scores"]["mae"] > 0


def test_predict_answers_and_refuses_in_one_breath(trained: Path) -> None:
    told = answer("predict", "--model", "model", "FeAl", "Fe3+", cwd=trained)
    assert told[0]["unit"] == "kJ/mol"
    assert told[0]["value"] is not None
    assert "could be" in told[1]["error"]


def test_predict_with_a_model_of_the_shelf() -> None:
    told = answer("predict", "--model", "mp-band-gap", "GaAs", "NaCl")
    assert told[1]["value"] > told[0]["value"] >= 0


def test_publish_puts_a_model_on_the_shelf(trained: Path) -> None:
    told = answer("publish", "model", "alloys", cwd=trained, BRNET_HOME=str(trained))
    assert told == {"name": "alloys"}
    listed = answer("models", cwd=trained, BRNET_HOME=str(trained))
    assert "alloys" in {row["name"] for row in listed}


def test_models_lists_the_shelf() -> None:
    names = {row["name"] for row in answer("models")}
    assert {"mp-band-gap", "mp-formation-energy", "mp-bulk-modulus"} <= names


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["inspect", "missing.csv"], "missing.csv cannot be read: No such file or directory."),
        (["budget", "--parameters", "10"], "ask for at least"),
        (
            ["budget", "--parameters", "1000", "--architecture", "Net"],
            "There is no architecture 'Net'; choose one of BRNet",
        ),
        (["predict", "--model", "nothing", "GaAs"], "There is no model 'nothing' on the shelf"),
        (["train", "README.md", "--out", "x"], "README.md"),
    ],
)
def test_bad_input_gets_exit_code_2_and_one_sentence(words: list[str], sentence: str) -> None:
    done = brnet(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_unknown_feature_set_is_refused(trained: Path) -> None:
    done = brnet(
        "inspect", "table.csv", "--features", "xy", "--target", "y", "--formula", "formula", cwd=trained
    )
    assert done.returncode == 2
    assert "There is no feature set 'xy'; choose one of ef" in done.stderr


def test_bounds_that_exclude_everything_are_refused(trained: Path) -> None:
    done = brnet("train", "table.csv", "--lower", "5", "--upper", "1", "--out", "x", cwd=trained)
    assert done.returncode == 2
    assert "The lower bound" in done.stderr
    assert "Traceback" not in done.stderr


def test_classes_keep_their_meaning_on_another_table(tmp_path: Path) -> None:
    metals, others = ("Li", "Na", "K", "Mg", "Ca", "Fe", "Cu", "Zn"), ("O", "S", "Cl", "F")
    rows = [f"{m}{n}{x},{'yes' if x in 'Cl F' else 'no'}" for m in metals for x in others for n in (1, 2)]
    (tmp_path / "train.csv").write_text("\n".join(["formula,halide", *rows]))
    (tmp_path / "other.csv").write_text("formula,halide\nNiCl2,yes\nCoF2,YES\nNiO,zed\n")
    words = "train train.csv --parameters 3000 --features ef --epochs 40 --baselines none --out model"
    assert brnet(*words.split(), cwd=tmp_path).returncode == 0
    told = answer("evaluate", "model", "other.csv", cwd=tmp_path)
    assert (told["rows"], told["rows_dropped"]) == (2, 1)
    assert told["scores"]["accuracy"] == 1.0


def test_a_place_that_cannot_be_written_is_refused_before_training(trained: Path) -> None:
    done = brnet("train", "table.csv", "--out", "table.csv", cwd=trained)
    assert done.returncode == 2
    assert "The folder table.csv cannot be made: File exists; name another." in done.stderr
    assert "epoch" not in done.stderr


def test_the_rebuild_command_of_a_card_asks_the_same_question(trained: Path) -> None:
    first = json.loads((trained / "model" / "report.json").read_text())["experiment"]
    card = (trained / "model" / "card.md").read_text()
    line = next(line for line in card.splitlines() if line.startswith("brnet train"))
    words = shlex.split(line)[1:-1]
    done = brnet(*words, "again", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert json.loads((trained / "again" / "report.json").read_text())["experiment"] == first


def test_errors_are_json_too_when_asked() -> None:
    done = brnet("predict", "--model", "nothing", "GaAs", "--json")
    assert done.returncode == 2
    assert "There is no model" in json.loads(done.stdout)["error"]
