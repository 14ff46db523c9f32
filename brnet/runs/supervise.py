"""The task of a worker: claim one job and watch over the one process that trains it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from brnet.runs import jobs
from brnet.runs.store import CHECKPOINT, LOG, run_folder
from brnet.settings import environment_of_processes, settings

POLL_SECONDS = 0.2
GRACE_SECONDS = 0.5  # between asking a process to end and ending it
HEARTBEAT_SECONDS = 2.0

KILLED_SENTENCE = (
    "The training process was killed, probably for lack of memory: choose a smaller batch or fewer rows."
)

Outcome = Literal["ended", "cancelled", "taken"]


def supervise(run_id: str, attempt: int, command: Sequence[str] | None = None) -> None:
    """Train a job to its end, unless somebody else has it. `command` stands in for the training process."""
    if not jobs.claim(run_id, attempt, f"{socket.gethostname()}:{os.getpid()}"):
        return
    child = _start(run_id, command or _training(run_id, attempt))
    try:
        outcome = _watch(child, run_id, attempt)
    finally:
        _stop(child)
    _settle(outcome, child.returncode, run_id, attempt)


def _training(run_id: str, attempt: int) -> list[str]:
    return [sys.executable, "-m", "brnet.runs.child", run_id, str(attempt), str(os.getpid())]


def _start(run_id: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    folder = run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=_environment(),
        )


def _environment() -> dict[str, str]:
    """This process's, without what Dask sets for its workers: one thread, and memory given back at once."""
    threads = str(settings().threads)
    kept = environment_of_processes(
        OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads
    )
    kept.pop("MALLOC_TRIM_THRESHOLD_", None)
    return kept


def _watch(child: subprocess.Popen[bytes], run_id: str, attempt: int) -> Outcome:
    """Wait until the process ends, the user cancels, or the job is no longer this attempt's."""
    next_beat = time.monotonic() + HEARTBEAT_SECONDS
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=POLL_SECONDS)
            return "ended"
        wish = jobs.wish_of(run_id, attempt)
        if wish is None:
            return "taken"
        if wish == "cancel":
            return "cancelled"
        if time.monotonic() >= next_beat:
            jobs.beat(run_id, attempt)
            next_beat = time.monotonic() + HEARTBEAT_SECONDS


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    _signal_session(child, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=GRACE_SECONDS)
    _signal_session(child, signal.SIGKILL)
    child.wait()


def _signal_session(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _settle(outcome: Outcome, code: int, run_id: str, attempt: int) -> None:
    """Write down how it ended; nothing changes when the process did so itself."""
    if outcome == "cancelled":
        ended = jobs.end_cancelled(run_id, attempt)
    elif outcome == "taken":
        ended = False
    elif code == -signal.SIGTERM:  # not from here: the machine shuts down, and training can go on later
        jobs.give_back(run_id, attempt)
        ended = False
    else:
        ended = jobs.fail(run_id, attempt, _sentence(code))
    if ended:
        (run_folder(run_id) / CHECKPOINT).unlink(missing_ok=True)


def _sentence(code: int) -> str:
    if code == -signal.SIGKILL:
        return KILLED_SENTENCE
    return f"The training process ended without a result (exit status {code}); see the log of the run."
