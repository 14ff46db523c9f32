"""The command line as its users call it: JSON to read, exit code 2 with one sentence.

Training, publishing and the first refusals run as processes of their own; the rest is called in this one,
which loads torch once.
"""

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from click.testing import CliRunner

from brnet.cli import main
from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.weights import weight_percent
from brnet.materials.public.catalog import CATALOG, example_table

ROOT = Path(__file__).resolve().parent.parent


def process(*words: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with these variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "brnet", *words],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
    )


def said(*words: str, cwd: Path = ROOT) -> str:
    """What the command says, called in this process."""
    with chdir(cwd):
        done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.stderr or done.exc_info
    return done.stdout


def answer(*words: str, cwd: Path = ROOT) -> Any:
    return json.loads(said(*words, "--json", cwd=cwd))


def refusal(*words: str, cwd: Path = ROOT) -> str:
    """The sentence with which bad input is refused."""
    with chdir(cwd):
        done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def experiment(folder: Path) -> dict[str, Any]:
    """The question that the model in a folder answers."""
    return json.loads((folder / "report.json").read_text())["experiment"]


def rebuild_command(folder: Path) -> list[str]:
    """The words of the command on the card of a model, without 'brnet' and the folder to write to."""
    card = (folder / "card.md").read_text()
    line = next(line for line in card.splitlines() if line.startswith("brnet train"))
    return shlex.split(line)[1:-1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with table.csv (part of the example and one bad row) and the model trained on it."""
    place = tmp_path_factory.mktemp("cli")
    lines = example_table().decode().splitlines()
    (place / "table.csv").write_text("\n".join([lines[0], *lines[1::12], "Xx2,1.0"]) + "\n")
    words = "train table.csv --architecture BRNet --parameters 5000 --features ef --split random --seed 0"
    done = process(*words.split(), "--epochs", "8", "--baselines", "mean,ridge", "--out", "model", cwd=place)
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def steels(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """A folder with alloys.xlsx (78 real steels in wt%, iron not written) and a model of their strengths."""
    place = tmp_path_factory.mktemp("steels")
    rows = pd.read_csv(shared_data / "matbench" / "matbench_steels.csv").iloc[::4]
    percent = pd.DataFrame([weight_percent(read_formula(formula)) for formula in rows["formula"]]).fillna(0)
    amounts = percent.drop(columns="Fe").round(4)
    names = ",".join(amounts.columns)
    amounts["yield strength (MPa)"] = rows["target"].to_numpy()
    amounts.to_excel(place / "alloys.xlsx", index=False)
    words = "train alloys.xlsx --amounts-in wt% --balance Fe --parameters 3000 --epochs 5 --features ef"
    done = process(*words.split(), "--amounts", names, "--baselines", "mean", "--out", "model", cwd=place)
    assert done.returncode == 0, done.stderr
    return place


def test_inspect_names_columns_and_every_dropped_row(trained: Path) -> None:
    told = answer("inspect", "table.csv", cwd=trained)
    assert told["formula_column"] == "formula"
    assert told["quantity"]["unit"] == "kJ/mol"
    assert [row["reason"] for row in told["dropped"]] == ["'Xx' in 'Xx2' is not an element."]
    assert told["dropped"][0]["line"] == told["rows_kept"] + 2


def test_inspect_counts_rows_by_rule_and_describes_those_that_stay(trained: Path) -> None:
    told = answer("inspect", "table.csv", cwd=trained)
    unread = {"rule": "formula", "label": "Formula that cannot be read", "left_out": 1, "kept": 0}
    assert told["rules"][0] == unread
    assert sum(told["profile"]["sizes"].values()) == told["rows_kept"]
    assert {"formula", "random", "element"} <= {rule["name"] for rule in told["splits"]}


def test_every_row_touched_is_written_with_its_reason(trained: Path) -> None:
    said("inspect", "table.csv", "--touched", "touched.csv", cwd=trained)
    touched = list(csv.DictReader(io.StringIO((trained / "touched.csv").read_text())))
    assert [row["reason"] for row in touched if row["kept"] == "no"] == ["'Xx' in 'Xx2' is not an element."]


def test_inspect_tells_what_a_random_split_would_flatter(trained: Path) -> None:
    words = "inspect table.csv --features ef --optimism element --held-out Al"
    told = said(*words.split(), cwd=trained).splitlines()[-1]
    assert told.startswith("LightGBM: mean absolute error")
    assert "rows with Al" in told


@pytest.mark.parametrize(
    "options", [["--repeats", "mean"], ["--formula", "none", "--numbers", "T", "--categories", "route"]]
)
def test_what_is_exported_is_read_as_the_same_dataset(tmp_path: Path, options: list[str]) -> None:
    rows = ["formula,gap (eV),T,route", "GaAs,1.42,300,a", "As1Ga1,1.52,20,b", "In,0,300,=1+1", "Xx,1,3,a"]
    rows += [f"Si{n}C,{n / 7},{n}00,{'ab'[n % 2]}" for n in range(1, 12)]
    (tmp_path / "table.csv").write_text("\n".join(rows))
    options = ["--target", "gap (eV)", *options]
    written = answer("export", "table.csv", "--out", "clean.csv", *options, cwd=tmp_path)
    again = answer("inspect", "clean.csv", *options, cwd=tmp_path)
    assert again["content_hash"] == again["table_hash"] == written["content_hash"]
    assert again["rows_kept"] == written["rows"]


def test_datasets_are_listed_with_their_terms(home: Path) -> None:
    listed = {row["name"]: row for row in answer("datasets")}
    assert listed["matbench_expt_gap"]["rows"] == 4_604
    assert listed["matbench_expt_gap"]["quantity"]["unit"] == "eV"
    assert all(row["licence"] and row["citation"] and not row["cached"] for row in listed.values())


def test_a_dataset_in_the_cache_is_written_without_a_download(home: Path) -> None:
    dataset = CATALOG["matbench_steels"]
    kept = home / "downloads" / f"{dataset.name}-{dataset.key}.csv"
    kept.parent.mkdir()
    kept.write_text("formula,target\nFe,1\n")
    assert "Cite: Citrine" in said("fetch", "matbench_steels", "--out", "steels.csv", cwd=home)
    assert (home / "steels.csv").read_bytes() == kept.read_bytes()
    assert [row["name"] for row in answer("datasets") if row["cached"]] == ["matbench_steels"]


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has one dataset of JARVIS, in the form in which it is published."""
    records = [{"formula": f"Si{n}C", "magnetic_moment": n / 7, "id": n} for n in range(1, 227)]
    with ZipFile(tmp_path / "mag2d_chem.json.zip", "w") as archive:
        archive.writestr("mag2d_chem.json", json.dumps(records))
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)
    ) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_dataset_is_fetched_from_the_mirror_with_its_progress(mirror: str, tmp_path: Path) -> None:
    variables = {"BRNET_HOME": str(tmp_path / "home"), "BRNET_MIRROR": mirror}
    done = process("fetch", "jarvis_mag2d_chem", "--out", "magnets.csv", cwd=tmp_path, **variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "jarvis_mag2d_chem: 100%"
    assert len((tmp_path / "magnets.csv").read_text().splitlines()) == 227


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


def test_an_alloy_table_in_weight_percent_is_learned_from_a_spreadsheet(steels: Path) -> None:
    asked = experiment(steels / "model")
    assert asked["formula_column"] == ""
    assert asked["mixture"]["unit"] == "wt%"
    assert asked["mixture"]["balance"] == "Fe"
    assert asked["quantity"]["unit"] == "MPa"


def test_a_whole_table_is_answered_as_the_model_reads_its_own(steels: Path) -> None:
    words = "predict --model model --table alloys.xlsx --out answers.csv --json"
    done = process(*words.split(), cwd=steels)
    assert json.loads(done.stdout) == {"out": "answers.csv", "rows": 78, "refused": 0}
    answers = pd.read_csv(steels / "answers.csv")
    added = ["predicted yield strength (MPa)", "low (90 %)", "high (90 %)", "note", "refused"]
    assert list(answers.columns[-5:]) == added
    assert answers[added[0]].notna().all()


def test_a_model_of_amounts_answers_formulas_too(steels: Path) -> None:
    alloys = answer("predict", "--model", "model", "Fe-18Cr-8Ni wt%", "Fe0.7Cr0.2Ni0.1", cwd=steels)
    assert all(alloy["value"] is not None and alloy["unit"] == "MPa" for alloy in alloys)


def test_a_table_without_formulas_is_learned_and_asked_by_its_own_columns(tmp_path: Path) -> None:
    rows = [f"{t},{p},{'ab'[t % 2]},{t * p + 5 * (t % 2)}" for t in range(3, 12) for p in range(1, 9)]
    (tmp_path / "runs.csv").write_text("\n".join(["temperature,pressure,route,yield (%)", *rows]))
    words = "train runs.csv --parameters 3000 --epochs 5 --baselines mean --out model --categories route"
    said(*words.split(), "--target", "yield (%)", cwd=tmp_path)
    asked = experiment(tmp_path / "model")
    assert (asked["numbers"], asked["categories"]) == (["temperature", "pressure"], ["route"])
    assert (asked["features"], asked["split"]) == ([], "random")
    words = "predict --model model --set temperature=5 --set route=c"
    (told,) = answer(*words.split(), cwd=tmp_path)
    assert told["value"] is not None
    assert any("pressure was missing" in note for note in told["notes"])
    assert any("'c' was not among the training rows" in note for note in told["notes"])
    said(*rebuild_command(tmp_path / "model"), "again", cwd=tmp_path)
    assert experiment(tmp_path / "again") == asked


def test_all_rows_of_a_held_out_element_are_tested_on(trained: Path) -> None:
    words = "train table.csv --parameters 3000 --features ef --epochs 5 --baselines none --out no-al"
    said(*words.split(), "--split", "element", "--held-out", "Al", cwd=trained)
    report = json.loads((trained / "no-al" / "report.json").read_text())
    assert report["test_formulas"]
    assert all("Al" in formula for formula in report["test_formulas"])


def test_the_rebuild_command_of_a_card_asks_the_same_question(trained: Path) -> None:
    said(*rebuild_command(trained / "model"), "again", cwd=trained)
    assert experiment(trained / "again") == experiment(trained / "model")


def test_the_rebuild_command_reads_amounts_the_same_way(steels: Path) -> None:
    said(*rebuild_command(steels / "model"), "again", cwd=steels)
    assert experiment(steels / "again") == experiment(steels / "model")


def test_evaluate_scores_a_folder_on_a_table(trained: Path) -> None:
    told = answer("evaluate", "model", "table.csv", cwd=trained)
    assert told["rows_dropped"] == 1
    assert 0 < told["rows_learned"] < told["rows"]
    assert told["scores"]["mae"] > 0


def test_evaluate_reads_a_table_of_formulas_for_a_model_of_amounts(steels: Path) -> None:
    (steels / "others.csv").write_text("alloy,strength\nFe-18Cr-8Ni wt%,300\nFe-9Ni wt%,600\n")
    words = "evaluate model others.csv --formula alloy --target strength"
    told = answer(*words.split(), cwd=steels)
    assert (told["rows"], told["rows_dropped"], told["rows_learned"]) == (2, 0, 0)


def test_classes_keep_their_meaning_on_another_table(tmp_path: Path) -> None:
    metals, others = ("Li", "Na", "K", "Mg", "Ca", "Fe", "Cu", "Zn"), ("O", "S", "Cl", "F")
    rows = [f"{m}{n}{x},{'yes' if x in 'Cl F' else 'no'}" for m in metals for x in others for n in (1, 2)]
    (tmp_path / "train.csv").write_text("\n".join(["formula,halide", *rows]))
    (tmp_path / "other.csv").write_text("formula,halide\nNiCl2,yes\nCoF2,YES\nNiO,zed\n")
    words = "train train.csv --parameters 3000 --features ef --epochs 40 --baselines none --out model"
    said(*words.split(), cwd=tmp_path)
    told = answer("evaluate", "model", "other.csv", cwd=tmp_path)
    assert (told["rows"], told["rows_dropped"]) == (2, 1)
    assert told["scores"]["accuracy"] == 1.0


def test_predict_answers_and_refuses_in_one_breath(trained: Path) -> None:
    told = answer("predict", "--model", "model", "FeAl", "Fe3+", cwd=trained)
    assert told[0]["unit"] == "kJ/mol"
    assert told[0]["value"] is not None
    assert "could be" in told[1]["error"]


def test_predict_with_a_model_of_the_shelf() -> None:
    told = answer("predict", "--model", "mp-band-gap", "GaAs", "NaCl")
    assert told[1]["value"] > told[0]["value"] >= 0


def test_a_table_without_a_place_for_its_answers_is_answered_on_the_screen(trained: Path) -> None:
    (trained / "ask.csv").write_text("name,material\nfirst,FeAl\nsecond,Fe3+\n")
    words = ("predict", "--model", "model", "--table", "ask.csv")
    first, second = csv.DictReader(io.StringIO(said(*words, cwd=trained).removeprefix("\ufeff")))
    assert float(first["predicted formation enthalpy (kJ/mol)"])
    assert "could be" in second["refused"]
    assert answer(*words, cwd=trained)[1]["predicted formation enthalpy (kJ/mol)"] is None


def test_publish_puts_a_model_on_the_shelf(trained: Path, home: Path) -> None:
    assert answer("publish", "model", "alloys", cwd=trained) == {"name": "alloys"}
    assert "alloys" in {row["name"] for row in answer("models")}


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
        (["train", "README.md", "--out", "x"], "README.md"),
    ],
)
def test_bad_input_gets_exit_code_2_and_one_sentence(words: list[str], sentence: str) -> None:
    done = process(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("inspect table.csv --features xy", "There is no feature set 'xy'; choose one of ef"),
        ("inspect table.csv --optimism nonsense", "There is no split 'nonsense'; choose one of formula"),
        ("inspect table.csv --balance Fe", "none are chosen; name them with --amounts."),
        ("inspect table.csv --touched no/where.csv", "no/where.csv cannot be written"),
        ("export table.csv --out .", ". cannot be written: it names no file; name another file."),
        ("train table.csv --lower 5 --upper 1 --out x", "The lower bound"),
        ("train table.csv --parameters many --out x", "The budget 'many' is not a number of parameters"),
        ("train table.csv --split element --held-out Xx --out x", "There is no element 'Xx' in table.csv"),
        ("train table.csv --features none --out x", "No features were chosen"),
        (
            "train table.csv --out table.csv",
            "The folder table.csv cannot be made: File exists; name another.",
        ),
        ("evaluate model table.csv --target nothing", "table.csv has no column 'nothing'"),
        ("predict --model nothing GaAs", "There is no model 'nothing' on the shelf"),
        ("predict --model model", "model is asked about nothing; give formulas or --table."),
        ("predict --model model Fe --table table.csv", "ask about one of them at a time"),
        ("predict --model model Fe --out x.csv", "go with --table; name the table too"),
        ("predict --model model Fe --set T=3", "'T=3' sets no column of model; it looks at formulas only."),
        ("predict --model model --table no.csv", "no.csv has neither formulas nor amounts that model could"),
        ("fetch nothing --out x.csv", "There is no public dataset 'nothing'; there is matbench_"),
    ],
)
def test_what_makes_no_sense_is_refused(trained: Path, words: str, sentence: str) -> None:
    (trained / "no.csv").write_text("name,size\nfirst,1\nsecond,2\n")
    assert sentence in refusal(*words.split(), cwd=trained)


def test_errors_are_json_too_when_asked() -> None:
    done = process("budget", "--parameters", "10", "--json")
    assert done.returncode == 2
    assert "ask for at least" in json.loads(done.stdout)["error"]
