"""One task, one process: how it starts, how it is stopped, what is said of its end."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

from brnet.runs import jobs
from brnet.runs.database import get_run, request_cancel, submit
from brnet.runs.store import CHECKPOINT, LOG, run_folder
from brnet.runs.supervise import supervise
from brnet.settings import settings

SLEEP = ["sleep", "60"]
DEAF = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]


@pytest.fixture
def run_id(home, experiment) -> str:
    return submit(experiment, dataset_name="table")


@pytest.fixture
def supervised(run_id) -> Iterator[Callable[[Sequence[str]], threading.Thread]]:
    """supervised(command) watches over the command in a thread and returns once it is claimed."""
    threads = []

    def start(command: Sequence[str]) -> threading.Thread:
        threads.append(threading.Thread(target=supervise, args=(run_id, 1, command)))
        threads[-1].start()
        wait_for(lambda: get_run(run_id).state == "running")
        return threads[-1]

    yield start
    request_cancel(run_id)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def logged_pids(run_id: str, count: int = 1) -> list[int]:
    log = run_folder(run_id) / LOG
    wait_for(lambda: log.exists() and len(log.read_text().split()) >= count)
    return [int(word) for word in log.read_text().split()]


def test_a_cancelled_run_frees_its_slot_within_a_second(run_id, supervised):
    thread = supervised(SLEEP)
    time.sleep(0.5)
    began = time.monotonic()
    request_cancel(run_id)
    thread.join(5)
    assert time.monotonic() - began < 1.0
    assert get_run(run_id).state == "cancelled"


def test_a_process_that_does_not_listen_is_killed(run_id, supervised):
    thread = supervised(DEAF)
    time.sleep(1)
    began = time.monotonic()
    request_cancel(run_id)
    thread.join(5)
    assert time.monotonic() - began < 1.5
    assert get_run(run_id).state == "cancelled"


def test_what_the_process_started_ends_with_it(run_id, supervised):
    program = """
import os, subprocess, time
print(subprocess.Popen(["sleep", "60"]).pid, os.getpid(), flush=True)
time.sleep(60)
"""
    thread = supervised([sys.executable, "-c", program])
    pids = logged_pids(run_id, 2)
    request_cancel(run_id)
    thread.join(5)
    wait_for(lambda: not any(map(alive, pids)))


def test_a_job_that_another_worker_has_is_left_alone(run_id):
    jobs.claim(run_id, 1, "another")
    supervise(run_id, 1, ["false"])
    assert get_run(run_id).state == "running"


def test_a_job_given_to_another_attempt_is_stopped_and_not_written(run_id, supervised):
    thread = supervised(["sh", "-c", "echo $$; exec sleep 60"])
    (pid,) = logged_pids(run_id)
    jobs.give_back(run_id, 1)
    thread.join(5)
    assert not alive(pid)
    run = get_run(run_id)
    assert (run.state, run.attempt, run.message) == ("queued", 2, "")


def test_a_killed_process_is_explained(run_id):
    supervise(run_id, 1, ["sh", "-c", "kill -9 $$"])
    run = get_run(run_id)
    assert run.state == "failed"
    assert run.message == (
        "The training process was killed, probably for lack of memory: choose a smaller batch or fewer rows."
    )


def test_a_process_that_ends_without_a_word_is_explained(run_id):
    supervise(run_id, 1, ["sh", "-c", "exit 3"])
    run = get_run(run_id)
    assert run.state == "failed"
    assert run.message == (
        "The training process ended without a result (exit status 3); see the log of the run."
    )


def test_a_process_that_the_machine_stops_is_put_back_into_the_queue(run_id):
    supervise(run_id, 1, ["sh", "-c", "kill -15 $$"])
    run = get_run(run_id)
    assert (run.state, run.attempt) == ("queued", 2)


def test_an_end_that_the_process_wrote_itself_stays(run_id):
    finish = f"from brnet.runs.jobs import finish; finish({run_id!r}, 1)"
    supervise(run_id, 1, [sys.executable, "-c", finish])
    assert (get_run(run_id).state, get_run(run_id).message) == ("finished", "")


def test_a_failed_run_leaves_no_checkpoint(run_id):
    supervise(run_id, 1, ["sh", "-c", f"touch {run_folder(run_id) / CHECKPOINT}; exit 1"])
    assert not (run_folder(run_id) / CHECKPOINT).exists()


def test_a_watched_job_is_not_taken_for_lost(run_id, supervised):
    supervised(SLEEP)
    time.sleep(3)
    assert jobs.requeue_silent(timedelta(seconds=2.9)) == 0


def test_the_process_reads_no_keyboard_and_has_its_own_session(run_id):
    program = """
import os, sys
print(repr(sys.stdin.read()), os.getsid(0) == os.getpid(), os.environ["OMP_NUM_THREADS"])
"""
    supervise(run_id, 1, [sys.executable, "-c", program])
    assert (run_folder(run_id) / LOG).read_text().split() == ["''", "True", str(settings().threads)]
