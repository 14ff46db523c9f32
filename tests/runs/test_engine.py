"""The engine as a process of its own: one for each home, and no run lost with it."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from distributed import LocalCluster

from brnet.errors import UnavailableError
from brnet.materials.properties import Quantity
from brnet.runs.database import epochs_of, get_run, report_of, request_cancel, request_finish, submit
from brnet.runs.engine import engine_status, ensure_engine, stop_engine
from brnet.runs.store import CHECKPOINT, put_table, run_folder
from brnet.settings import settings
from brnet.training.experiment import Experiment


@pytest.fixture
def engine(home, monkeypatch):
    """An engine with two slots, stopped after the test with all that it started."""
    monkeypatch.setenv("BRNET_SLOTS", "2")
    monkeypatch.setenv("BRNET_THREADS", "1")
    settings.cache_clear()
    ensure_engine()
    wait_for(lambda: engine_status().pid)
    family = processes()
    yield
    family = {*family, *processes()}
    stop_engine()
    wait_for(lambda: not any(map(runs, family)))


@pytest.fixture
def question(home, salts) -> Experiment:
    return Experiment(
        dataset=put_table(salts, name="salts.csv"),
        formula_column="formula",
        target="value",
        quantity=Quantity(label="value"),
        parameters=20_000,
        epochs=100_000,
        baselines=("mean",),
    )


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, (settings().home / "engine.log").read_text()
        time.sleep(0.02)


def processes() -> list[psutil.Process]:
    """The engine and all that it started."""
    pid = engine_status().pid
    if pid is None or not psutil.pid_exists(pid):
        return []
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def worker() -> psutil.Process:
    return next(process for process in processes() if "spawn_main" in " ".join(process.cmdline()))


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def state(run_id: str) -> str:
    return get_run(run_id).state


def test_a_home_without_an_engine_says_so(home):
    assert not engine_status().alive


def test_stopping_no_engine_is_no_error(home):
    stop_engine()
    assert not engine_status().alive


def test_two_slots_train_two_runs_and_the_third_waits_for_one(engine, question):
    ids = [submit(question.model_copy(update={"seed": seed}), dataset_name="salts.csv") for seed in range(3)]
    wait_for(lambda: [state(run_id) for run_id in ids] == ["running", "running", "queued"])
    wait_for(lambda: get_run(ids[0]).epoch > 0)
    assert not any("torch" in file.path for file in worker().memory_maps())

    request_finish(ids[0])
    wait_for(lambda: state(ids[0]) == "finished")
    assert report_of(ids[0]).stopped.startswith("Finished by request after epoch ")

    began = time.monotonic()
    request_cancel(ids[1])
    wait_for(lambda: state(ids[1]) == "cancelled")
    assert time.monotonic() - began < 1.0
    wait_for(lambda: state(ids[2]) == "running")
    request_cancel(ids[2])
    wait_for(lambda: state(ids[2]) == "cancelled")


def test_processes_that_ask_together_start_one_engine(home, monkeypatch):
    ask = "from brnet.runs.engine import ensure_engine; ensure_engine()"
    try:
        for asker in [subprocess.Popen([sys.executable, "-c", ask]) for _ in range(3)]:
            asker.wait()
        wait_for(lambda: engine_status().pid)
        pid = engine_status().pid
        time.sleep(3)  # a second engine would have given up waiting for the lock by now
        engines = [
            process
            for process in psutil.process_iter()
            if runs(process)
            and process.cmdline()[1:] == ["-m", "brnet.runs.engine"]
            and process.environ().get("BRNET_HOME") == str(home)
        ]
        assert [process.pid for process in engines] == [pid]
    finally:
        stop_engine()


def test_only_this_machine_reaches_the_engine(engine):
    listening = [
        connection.laddr.ip
        for process in processes()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}
    assert engine_status().address.startswith("tcp://127.0.0.1:")


def test_the_engine_keeps_nothing_of_the_process_that_started_it(home):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        port = server.getsockname()[1]
        ensure_engine()
        wait_for(lambda: engine_status().pid)
        engine = processes()[0]
        ports = [connection.laddr.port for process in processes() for connection in process.net_connections()]
        facts = os.getsid(engine.pid), os.readlink(f"/proc/{engine.pid}/fd/0")
        stop_engine()
    assert port not in ports
    assert facts == (engine.pid, os.devnull)


def test_an_engine_ends_when_its_home_is_gone(home, tmp_path_factory):
    ensure_engine()
    wait_for(lambda: engine_status().pid)
    family = processes()
    home.rename(tmp_path_factory.mktemp("elsewhere") / "home")
    wait_for(lambda: not any(map(runs, family)))
    home.mkdir()


@pytest.mark.slow
def test_a_stopped_engine_puts_its_runs_back_and_the_next_goes_on(home, question):
    ensure_engine()
    run_id = submit(question, dataset_name="salts.csv")
    wait_for(lambda: (run_folder(run_id) / CHECKPOINT).exists())
    family = processes()
    stop_engine()
    wait_for(lambda: not any(map(runs, family)))
    assert (state(run_id), get_run(run_id).attempt) == ("queued", 2)
    done = get_run(run_id).epoch

    ensure_engine()
    try:
        wait_for(lambda: state(run_id) == "running")
        request_finish(run_id)
        wait_for(lambda: state(run_id) != "running")
        epochs = epochs_of(run_id, most=10**6)["epoch"]
        assert (state(run_id), get_run(run_id).message) == ("finished", "")
        assert epochs == list(range(1, len(epochs) + 1))
        assert len(epochs) <= done + 1
    finally:
        stop_engine()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "engine"])
def test_a_run_whose_worker_is_killed_goes_on_elsewhere(engine, question, victim):
    run_id = submit(question, dataset_name="salts.csv")
    wait_for(lambda: (run_folder(run_id) / CHECKPOINT).exists())
    family = processes()
    dead = worker() if victim == "worker" else family[0]
    children = dead.children(recursive=True)
    dead.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(map(runs, [dead, *children])))
    ensure_engine()
    wait_for(lambda: get_run(run_id).attempt == 2 and state(run_id) == "running")
    request_finish(run_id)
    wait_for(lambda: state(run_id) == "finished")
    epochs = epochs_of(run_id, most=10**6)["epoch"]
    assert epochs == list(range(1, len(epochs) + 1))


@pytest.mark.slow
def test_a_cluster_goes_on_training_without_the_engine(home, question, monkeypatch):
    alone = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        resources={"SLOT": 1},
        memory_limit=0,
        dashboard_address=None,
        scheduler_kwargs=alone,
    ) as cluster:
        monkeypatch.setenv("BRNET_SCHEDULER", cluster.scheduler_address)
        settings.cache_clear()
        ensure_engine()
        first, second = submit(question, dataset_name="salts.csv"), submit(question, dataset_name="salts.csv")
        wait_for(lambda: get_run(first).epoch > 0)
        assert engine_status().address == cluster.scheduler_address
        assert len(processes()) == 1  # it starts no worker of its own
        stop_engine()
        epoch = get_run(first).epoch
        wait_for(lambda: get_run(first).epoch > epoch + 5)
        assert get_run(first).attempt == 1

        ensure_engine()
        wait_for(lambda: engine_status().pid)
        request_cancel(first)
        wait_for(lambda: state(second) == "running")
        request_cancel(second)
        wait_for(lambda: state(second) == "cancelled")
        stop_engine()


def test_an_engine_of_another_machine_is_not_stopped_from_here(engine):
    wait_for(lambda: engine_status().host)
    status = settings().home / "engine.json"
    true = status.read_text()
    status.write_text(true.replace(f'"{socket.gethostname()}"', '"elsewhere"'))
    with pytest.raises(UnavailableError, match=r"^The engine runs on elsewhere; stop it there\.$"):
        stop_engine()
    status.write_text(true)
