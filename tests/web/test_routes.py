"""The API answers programs over HTTP: models, predictions, and a sentence for every refusal."""

import csv
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from brnet.materials.properties import guess_quantity
from brnet.materials.tables.files import read_table
from brnet.settings import settings
from brnet.training.conduct import conduct, save_result
from brnet.training.events import Finished
from brnet.training.experiment import Experiment, Task
from brnet.training.report import predictions_csv
from brnet.web import routes as web
from brnet.zoo.lookup import look_up
from brnet.zoo.shelf import find, load, publish

PREDICT = "/api/v1/predict"


@dataclass(frozen=True)
class Client:
    """A program that talks to the server."""

    port: int

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        status, _, text = self.raw(
            method, path, body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        return status, json.loads(text)

    def raw(self, method: str, path: str, body: bytes | Iterator[bytes] = b"") -> tuple[int, str, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The routes alone, behind a real server on this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=web.routes), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Client(listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def models(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A regressor, a classifier and 'tiny-own', which looks at a column of its table, from real rows."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRNET_HOME", str(folder))
        settings.cache_clear()
        _train(shared_data, "matbench_expt_gap", "regression", "tiny-gaps", folder)
        _train(shared_data, "matbench_expt_is_metal", "classification", "tiny-metals", folder)
        _train(shared_data, "matbench_expt_gap", "regression", "tiny-own", folder, numbers=("characters",))
        yield
    settings.cache_clear()


def _train(
    shared_data: Path, table_name: str, task: Task, name: str, folder: Path, numbers: tuple[str, ...] = ()
) -> None:
    """`numbers` may name 'characters', a column beside those of the file: the length of its line."""
    header, *lines = (shared_data / "matbench" / f"{table_name}.csv").read_text().splitlines()
    rows = [f"{header},characters", *(f"{line},{len(line)}" for line in lines[::40])]
    table = read_table("\n".join(rows).encode(), name=table_name)
    experiment = Experiment(
        dataset="0" * 64,
        formula_column="formula",
        target="target",
        quantity=guess_quantity("target", table_name=table_name),
        task=task,
        numbers=numbers,
        features=("ef",),
        parameters=8_000,
        epochs=2,
        baselines=("mean",),
    )
    *_, finished = conduct(experiment, table, device="cpu", threads=1)
    assert isinstance(finished, Finished)
    save_result(finished, folder / f"run-{name}")
    publish(folder / f"run-{name}", name)


def test_the_server_says_that_it_is_well(client: Client) -> None:
    status, answer = client("GET", "/healthz")
    assert status == 200
    assert answer.keys() == {"status", "version"}
    assert answer["status"] == "ok"


def test_the_models_are_listed_with_the_scores_of_their_reports(client: Client, models: None) -> None:
    status, answer = client("GET", "/api/v1/models")
    listed = {model["name"]: model for model in answer}
    report = find("tiny-gaps").report
    assert status == 200
    assert listed["tiny-gaps"] == {
        "name": "tiny-gaps",
        "title": "tiny-gaps",
        "quantity": "band gap",
        "unit": "eV",
        "task": "regression",
        "inputs": [],
        "scores": report.network.scores,
        "n_parameters": report.n_parameters,
        "pretrained": False,
    }
    assert listed["tiny-metals"]["task"] == "classification"


def test_predictions_are_those_of_the_library(client: Client, models: None) -> None:
    formulas = ["Fe2O3", "CuSO4·5H2O", "TcO2", "Xx2", ""]
    status, answer = client("POST", PREDICT, {"model": "tiny-gaps", "formulas": formulas})
    expected = look_up(load("tiny-gaps"), formulas)
    assert status == 200
    assert (answer["model"], answer["unit"]) == ("tiny-gaps", "eV")
    assert [row["formula"] for row in answer["predictions"]] == formulas
    for row, known in zip(answer["predictions"], expected, strict=True):
        assert (row["value"], row["low"], row["high"]) == pytest.approx((known.value, known.low, known.high))
        assert (row["notes"], row["caution"], row["error"]) == (list(known.notes), known.caution, known.error)
    assert "'Xx' in 'Xx2' is not an element" in answer["predictions"][3]["error"]
    assert answer["predictions"][2]["caution"] == "The model has never seen Tc."


def test_a_classifier_gives_a_label_and_its_probability(client: Client, models: None) -> None:
    _, answer = client("POST", PREDICT, {"model": "tiny-metals", "formulas": ["Cu", "NaCl"]})
    for row in answer["predictions"]:
        assert row["text"] in {"0", "1"}
        assert 0 <= row["probability"] <= 1
        assert (row["value"], row["low"], row["high"]) == (None, None, None)


def test_one_object_of_inputs_is_for_all_formulas(client: Client, models: None) -> None:
    question = {"model": "tiny-own", "formulas": ["GaAs", "ZnO"], "inputs": {"characters": 12}}
    status, answer = client("POST", PREDICT, question)
    expected = look_up(load("tiny-own"), ["GaAs", "ZnO"], {"characters": "12"})
    assert status == 200
    assert [row["value"] for row in answer["predictions"]] == pytest.approx([a.value for a in expected])
    assert all(row["notes"] == [] for row in answer["predictions"])


def test_inputs_of_each_formula_are_its_own(client: Client, models: None) -> None:
    question = {
        "model": "tiny-own",
        "formulas": ["ZnO"] * 3,
        "inputs": [{"characters": 5}, {}, {"characters": None}],
    }
    status, answer = client("POST", PREDICT, question)
    given, *missing = [row["notes"] for row in answer["predictions"]]
    assert (status, given) == (200, [])
    for notes in missing:
        assert notes[0].startswith("characters was missing:")


@pytest.mark.parametrize("several", [False, True])
def test_inputs_that_the_model_lacks_are_refused_with_those_it_has(
    client: Client, models: None, several: bool
) -> None:
    inputs = {"characters": 5, "colour": "red"}
    question = {"model": "tiny-own", "formulas": ["ZnO"], "inputs": [inputs] if several else inputs}
    status, answer = client("POST", PREDICT, question)
    assert status == 422
    assert (
        answer["error"] == "'colour' in 'inputs' is no column of the model 'tiny-own'; it has 'characters'."
    )


def test_inputs_are_refused_by_a_model_of_formulas(client: Client, models: None) -> None:
    status, answer = client(
        "POST", PREDICT, {"model": "tiny-gaps", "formulas": ["ZnO"], "inputs": {"colour": "red"}}
    )
    assert status == 422
    assert answer["error"].endswith("is no column of the model 'tiny-gaps'; it looks at formulas only.")


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ([], "'inputs' must be an object of columns, or a list of such objects, one for each formula."),
        ("x", "'inputs' must be an object of columns, or a list of such objects, one for each formula."),
        ([3], "'inputs' must be an object of columns, or a list of such objects, one for each formula."),
        ({"characters": []}, "'characters' in 'inputs' must be a number or a text."),
    ],
)
def test_malformed_inputs_are_refused(client: Client, inputs: Any, sentence: str) -> None:
    status, answer = client("POST", PREDICT, {"model": "a", "formulas": ["Fe"], "inputs": inputs})
    assert (status, answer["error"]) == (422, sentence)


def test_many_inputs_are_not_copied_for_each_formula(client: Client, models: None) -> None:
    inputs = {f"c{number}": "1" for number in range(1000)}
    question = {"model": "tiny-own", "formulas": ["Fe"] * 5000, "inputs": inputs}
    client("POST", PREDICT, {"model": "tiny-own", "formulas": ["Fe"]})  # the model is in memory from here on
    tracemalloc.start()
    try:
        status, _ = client("POST", PREDICT, question)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status == 422
    assert peak < 8 * 2**20  # bytes; the five million cells would take more as mere pointers


def test_a_header_of_predictions_is_safe_in_a_spreadsheet(models: None) -> None:
    report = find("tiny-gaps").report
    asked = report.experiment.model_copy(update={"target": "=1+1"})
    text = predictions_csv(report.model_copy(update={"experiment": asked})).decode()
    assert next(csv.reader(text.splitlines()))[:2] == ["formula", "'=1+1"]


def test_a_republished_model_is_read_again(client: Client, models: None) -> None:
    question = {"model": "tiny-gaps", "formulas": ["Fe2O3"]}
    _, before = client("POST", PREDICT, question)
    description = find("tiny-gaps").folder / "model.json"
    changed = json.loads(description.read_text())
    changed["quantity"]["unit"] = "meV"
    original = description.read_text()
    description.write_text(json.dumps(changed))
    _, after = client("POST", PREDICT, question)
    description.write_text(original)
    assert (before["unit"], after["unit"]) == ("eV", "meV")


def test_an_unknown_model_is_refused_with_the_known_ones(client: Client, models: None) -> None:
    status, answer = client("POST", PREDICT, {"model": "nope", "formulas": ["Fe"]})
    assert status == 404
    assert answer["error"].startswith("There is no model 'nope' on the shelf; there is ")
    assert "tiny-gaps" in answer["error"]


def test_a_model_is_never_a_path(client: Client, models: None) -> None:
    name = str(find("tiny-gaps").folder)
    status, answer = client("POST", PREDICT, {"model": name, "formulas": ["Fe"]})
    assert status == 404
    assert "There is no model" in answer["error"]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 400, 'The request is not JSON; send {"model": name, "formulas": [text, …]}.'),
        (b"{'model': 1}", 400, "The request is not JSON;"),
        (b"\xff\xfe\x00", 400, "The request is not JSON;"),
        (b"[" * 200_000, 400, "The request is not JSON;"),
        (b"[]", 422, "The request must be a JSON object:"),
        (
            b'{"formulas": ["Fe"]}',
            422,
            "'model' must be the name of a model as text; GET /api/v1/models lists",
        ),
        (b'{"model": 3, "formulas": ["Fe"]}', 422, "'model' must be the name of a model as text;"),
        (b'{"model": "a"}', 422, "'formulas' must be a list of at least one formula as text."),
        (
            b'{"model": "a", "formulas": "Fe"}',
            422,
            "'formulas' must be a list of at least one formula as text.",
        ),
        (
            b'{"model": "a", "formulas": []}',
            422,
            "'formulas' must be a list of at least one formula as text.",
        ),
        (
            b'{"model": "a", "formulas": ["Fe", 2]}',
            422,
            "Number 2 of 'formulas' is not a text; put each formula",
        ),
        (
            b'{"model": "a", "formulas": ["Fe"], "n": 1}',
            422,
            "'n' is not known here; send 'model', 'formulas' and perhaps 'inputs'.",
        ),
        (
            b'{"model": "a", "formulas": ["\\ud800"]}',
            422,
            "The request holds a lone surrogate, which is half a character; send whole text.",
        ),
    ],
)
def test_a_malformed_question_is_refused(client: Client, body: bytes, status: int, sentence: str) -> None:
    found, answer = client("POST", PREDICT, body)
    assert found == status
    assert answer["error"].startswith(sentence)


def test_too_many_formulas_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "settings", lambda: settings().model_copy(update={"max_lookup_formulas": 2}))
    status, answer = client("POST", PREDICT, {"model": "a", "formulas": ["Fe"] * 3})
    assert status == 413
    assert answer["error"] == "3 formulas are more than the 2 answered at once; send fewer."


def test_too_large_a_body_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MOST_BODY_BYTES", 1000)
    status, answer = client("POST", PREDICT, b" " * 1001)
    assert status == 413
    assert answer["error"] == "The request is larger than 1,000 bytes; ask for fewer formulas at once."


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/nope", "/api/v1/predict/", "/api/%2e%2e/x"]
)
def test_an_unknown_address_is_refused_in_json(client: Client, method: str, path: str) -> None:
    status, kind, text = client.raw(method, path)
    assert status == 404
    assert kind == "application/json"
    assert json.loads(text) == {
        "error": "There is nothing at this address; there is GET /api/v1/models and POST /api/v1/predict."
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("GET", PREDICT, "POST"), ("DELETE", "/api/v1/models", "GET")]
)
def test_a_wrong_method_is_refused_with_the_right_one(
    client: Client, method: str, path: str, allowed: str
) -> None:
    status, answer = client(method, path)
    assert status == 405
    assert answer["error"] == f"{path} answers {allowed}, not {method}."
