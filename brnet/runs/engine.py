"""The process that gives waiting runs to Dask workers; it outlives the web server that started it."""

import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sqlalchemy.exc import OperationalError

from brnet.disk import write_whole
from brnet.errors import UnavailableError
from brnet.runs import jobs
from brnet.runs.reconcile import reconcile
from brnet.runs.supervise import supervise
from brnet.settings import environment_of_processes, settings

if TYPE_CHECKING:
    from distributed import Client, Future

POLL_SECONDS = 0.3
STATUS_SECONDS = 5.0  # between two status files and two looks for lost runs
START_SECONDS = 2.0  # how long a starting engine waits for the lock of one that stops
PAUSE_SECONDS = 5.0  # after the database, the scheduler or a task failed
AHEAD = 2  # tasks waiting in a cluster, so that one that scales sees the need

# Scheduler and worker only pass on ids: no dashboard, no profiler, nothing that wakes an idle machine.
DASK = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.client.scheduler-info-interval": "10s",
    "distributed.comm.timeouts.connect": "10s",
}

_log = logging.getLogger("brnet.runs.engine")


@dataclass(frozen=True, kw_only=True)
class EngineStatus:
    """What is known of the engine of this home; `heartbeat` is in UTC."""

    alive: bool
    pid: int | None = None
    host: str = ""
    address: str = ""
    slots: int = 0
    heartbeat: datetime | None = None


def ensure_engine() -> None:
    """Start an engine unless one is alive; returns at once."""
    if engine_status().alive:
        return
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    with _log_file().open("ab") as log:
        engine = subprocess.Popen(
            [sys.executable, "-m", "brnet.runs.engine"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment_of_processes(),
        )
    # Somebody has to take note of its end, or it stays in the process table as a zombie.
    threading.Thread(target=engine.wait, name="brnet-engine-end", daemon=True).start()


def engine_status() -> EngineStatus:
    """Whether an engine is alive, and where."""
    if not _locked_by_another():
        return EngineStatus(alive=False)
    try:
        facts = json.loads(_status_file().read_text())
    except (FileNotFoundError, ValueError):  # it has only just started
        return EngineStatus(alive=True)
    return EngineStatus(alive=True, **facts | {"heartbeat": datetime.fromisoformat(facts["heartbeat"])})


def stop_engine(patience: float = 10.0) -> None:
    """Stop the engine and wait until it is gone; its runs go back into the queue. Raises UnavailableError."""
    deadline = time.monotonic() + patience
    while (status := engine_status()).alive:
        if status.host not in ("", socket.gethostname()):
            raise UnavailableError(f"The engine runs on {status.host}; stop it there.")
        if status.pid is not None:
            late = time.monotonic() > deadline
            with suppress(ProcessLookupError):
                os.kill(status.pid, signal.SIGKILL if late else signal.SIGTERM)
        if time.monotonic() > deadline + patience:
            raise UnavailableError("The engine does not stop; end its process by hand.")
        time.sleep(0.1)


def main() -> None:
    """Be the engine of this home until told to stop, or until the home is gone."""
    lock = _take_lock()
    if lock is None:
        return
    _start_log()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set() and _lock_file().exists():
        try:
            with _dask() as client:
                _serve(client, stop)
        except OSError as error:
            _log.warning("the scheduler does not answer: %s", error)
            stop.wait(PAUSE_SECONDS)
    _status_file().unlink(missing_ok=True)


def _serve(client: "Client", stop: threading.Event) -> None:
    futures: dict[jobs.Queued, Future] = {}
    next_look = 0.0
    while not stop.is_set() and _lock_file().exists() and client.status == "running":
        try:
            if time.monotonic() >= next_look:
                reconcile()
                _write_status(client)
                next_look = time.monotonic() + STATUS_SECONDS
            healthy = _forget_done(futures)
            _submit_waiting(client, futures)
        except OperationalError as error:
            _log.warning("the database does not answer: %s", error.orig)
            healthy = False
        stop.wait(POLL_SECONDS if healthy else PAUSE_SECONDS)
    if _lock_file().exists() and not settings().scheduler:
        _give_back(futures)


def _submit_waiting(client: "Client", futures: "dict[jobs.Queued, Future]") -> None:
    """Give Dask as many waiting jobs as it has slots for; the order stays the database's."""
    from distributed import fire_and_forget

    waiting = [job for job in jobs.queue() if job not in futures]
    if not waiting:
        return
    room = _slots(client) + (AHEAD if settings().scheduler else 0) - len(futures)
    for job in waiting[: max(0, room)]:
        future = client.submit(supervise, *job, resources={"SLOT": 1}, retries=0, pure=False, fifo_timeout=0)
        fire_and_forget(future)  # a cluster goes on with it when this engine is gone
        futures[job] = future


def _forget_done(futures: "dict[jobs.Queued, Future]") -> bool:
    """Drop the tasks that ended; False when one of them failed, which only a broken worker brings about."""
    done = [job for job, future in futures.items() if future.done()]
    healthy = True
    for job in done:
        future = futures.pop(job)
        if future.status != "finished":
            healthy = False
            _log.warning("the worker of run %s, attempt %d: %s", job.id, job.attempt, future.status)
    return healthy


def _give_back(futures: "dict[jobs.Queued, Future]") -> None:
    """Hand the runs in training to the next engine; their supervisors see it and stop them."""
    given = [job for job, future in futures.items() if not future.done() and jobs.give_back(*job)]
    deadline = time.monotonic() + START_SECONDS
    while given and time.monotonic() < deadline and not all(futures[job].done() for job in given):
        time.sleep(0.05)


def _slots(client: "Client") -> int:
    workers = client.scheduler_info()["workers"].values()
    return int(sum(worker["resources"].get("SLOT", 0) for worker in workers))


@contextmanager
def _dask() -> "Iterator[Client]":
    """A client of the configured scheduler, or of one of its own on loopback with one worker process.

    Whoever reaches a Dask scheduler runs code in it: hence loopback, and no dashboard.
    """
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.WARNING)
    with dask.config.set(DASK):
        if settings().scheduler:
            with Client(settings().scheduler, set_as_default=False) as client:
                yield client
            return
        with (
            tempfile.TemporaryDirectory(prefix="brnet-") as scratch,
            LocalCluster(
                n_workers=1,
                threads_per_worker=settings().slots,
                resources={"SLOT": settings().slots},
                host="127.0.0.1",
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0", "dashboard": False},
                # No limit: Dask would count the supervisor, which needs nothing, not the training process.
                memory_limit=0,
                local_directory=scratch,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client


def _write_status(client: "Client") -> None:
    facts = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "address": client.scheduler.address,
        "slots": _slots(client),
        "heartbeat": datetime.now(UTC).isoformat(),
    }
    write_whole(_status_file(), json.dumps(facts).encode())


def _take_lock() -> TextIO | None:
    """The lock of this home, kept until this process ends; None when another engine has it."""
    settings().home.mkdir(parents=True, exist_ok=True)
    lock = _lock_file().open("a")
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.1)


def _locked_by_another() -> bool:
    try:
        lock = _lock_file().open()
    except FileNotFoundError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: askers do not hinder one another
        except BlockingIOError:
            return True
    return False


def _start_log() -> None:
    """Keep the log of the engine before as engine.log.1 and begin an empty one."""
    if _log_file().exists():
        shutil.copy(_log_file(), _log_file().with_suffix(".log.1"))
        os.truncate(_log_file(), 0)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _log.setLevel(logging.INFO)
    _log.info("engine %d starts with %d slot(s)", os.getpid(), settings().slots)


def _lock_file() -> Path:
    return settings().home / "engine.lock"


def _status_file() -> Path:
    return settings().home / "engine.json"


def _log_file() -> Path:
    return settings().home / "engine.log"


if __name__ == "__main__":
    main()
