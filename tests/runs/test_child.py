"""The process that trains: what it writes down of a real training run."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from brnet.materials.properties import Quantity
from brnet.runs import child, jobs
from brnet.runs.database import epochs_of, get_run, report_of, request_finish, rows_of, submit
from brnet.runs.store import CHECKPOINT, put_table, run_folder
from brnet.training.experiment import Experiment
from brnet.training.recipe import RECIPES


@pytest.fixture
def question(home, salts) -> Experiment:
    """A small network on 80 salts, three epochs, two baselines."""
    return Experiment(
        dataset=put_table(salts, name="salts.csv"),
        formula_column="formula",
        target="value",
        quantity=Quantity(label="value"),
        parameters=20_000,
        epochs=3,
        baselines=("mean", "ridge"),
    )


def claimed(question: Experiment) -> str:
    run_id = submit(question, dataset_name="salts.csv")
    assert jobs.claim(run_id, 1, "worker")
    return run_id


def test_a_run_leaves_curves_leaderboard_report_and_model(question):
    run_id = claimed(question)
    child.main(run_id, 1)
    run, report = get_run(run_id), report_of(run_id)
    assert (run.state, run.message, run.epoch, run.epochs) == ("finished", "", 3, 3)
    assert epochs_of(run_id)["epoch"] == [1, 2, 3]
    assert [row.name for row in rows_of(run_id)] == ["BRNet", "mean", "ridge"]
    assert report.experiment == question
    assert report.n_train + report.n_valid + report.n_test == 80
    assert sorted(path.name for path in run_folder(run_id).iterdir()) == [
        "model.json",
        "model.safetensors",
        "predictions.csv",
        "report.json",
    ]


def test_a_question_without_an_answer_fails_with_its_sentence(question):
    run_id = claimed(question.model_copy(update={"architecture": "Perceptron"}))
    child.main(run_id, 1)
    assert get_run(run_id).state == "failed"
    assert get_run(run_id).message.startswith("There is no architecture 'Perceptron'; choose one of ")


def test_a_missing_table_fails_with_its_sentence(question):
    run_id = claimed(question.model_copy(update={"dataset": "f" * 64}))
    child.main(run_id, 1)
    assert get_run(run_id).message == "There is no table 'ffffffffffff' here; upload it again."


def test_an_error_in_the_program_is_named_and_logged(question, home, capsys):
    run_id = claimed(question)
    data = home / "tables" / question.dataset / "data"
    data.unlink()
    data.mkdir()
    child.main(run_id, 1)
    message = get_run(run_id).message
    assert message.startswith("Training stopped by an error in the program: IsADirectoryError: ")
    assert "Traceback" in capsys.readouterr().err


def test_an_attempt_that_lost_its_job_writes_nothing(question):
    run_id = claimed(question)
    jobs.give_back(run_id, 1)
    child.main(run_id, 1)
    assert (get_run(run_id).state, epochs_of(run_id)["epoch"]) == ("queued", [])
    assert report_of(run_id) is None


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_lost_run_goes_on_from_its_checkpoint_and_finishes_on_request(question, monkeypatch, recipe):
    monkeypatch.setattr("brnet.training.loop.CHECKPOINT_SECONDS", 0.2)
    run_id = claimed(question.model_copy(update={"epochs": 100_000, "recipe": recipe}))
    with ThreadPoolExecutor() as pool:
        first = pool.submit(child.main, run_id, 1)
        wait_for(lambda: (run_folder(run_id) / CHECKPOINT).exists() or first.done())
        assert jobs.requeue_silent(timedelta(0)) == 1
    assert jobs.claim(run_id, 2, "another")
    request_finish(run_id)
    child.main(run_id, 2)
    run, epochs = get_run(run_id), epochs_of(run_id, most=10**6)["epoch"]
    assert (run.state, run.attempt, run.message) == ("finished", 2, "")
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) > 1
    assert report_of(run_id).epochs == len(epochs)
    assert not (run_folder(run_id) / CHECKPOINT).exists()


def test_the_process_ends_when_its_supervisor_does(question):
    run_id = claimed(question.model_copy(update={"epochs": 100_000, "recipe": "reference"}))
    start = f"""
import os, subprocess, sys, time
command = [sys.executable, "-m", "brnet.runs.child", "{run_id}", "1", str(os.getpid())]
print(subprocess.Popen(command).pid, flush=True)
time.sleep(60)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True)
    pid = int(supervisor.stdout.readline())
    time.sleep(1)
    supervisor.kill()
    supervisor.communicate()
    wait_for(lambda: not _trains(pid))


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _trains(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"brnet.runs.child" in file.read()
    except FileNotFoundError:
        return False
