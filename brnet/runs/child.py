"""The process that trains one run: `python -m brnet.runs.child RUN_ID ATTEMPT PARENT_PID`."""

import ctypes
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from brnet.errors import BrnetError
from brnet.runs import jobs
from brnet.runs.database import get_run
from brnet.runs.store import CHECKPOINT, get_table, run_folder
from brnet.settings import settings
from brnet.training.events import Began, Checkpointed, EpochEnded, Event, Finished, RowScored

FLUSH_SECONDS = 0.25  # epochs reach the database at most so often
WISH_SECONDS = 0.2  # the user's wish is asked for at most so often

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_FIRST_TO_GO = "500"  # of 1000: short of memory, Linux ends this process before the web server


class Taken(Exception):  # noqa: N818 - no error: another attempt has the job now
    """The job is no longer this attempt's: whatever this process still knows is not wanted."""


def main(run_id: str, attempt: int) -> None:
    """Train the run and write down how it ended."""
    try:
        Recorder(run_id, attempt).train()
    except Taken:
        print(f"attempt {attempt} was given to another process", file=sys.stderr)
    except BrnetError as error:
        jobs.fail(run_id, attempt, str(error))
    except Exception as error:  # the user's only screen is the row in the database
        traceback.print_exc()
        sentence = f"Training stopped by an error in the program: {type(error).__name__}: {error}"
        jobs.fail(run_id, attempt, sentence)


class Recorder:
    """Trains one attempt at a run and takes down what it says."""

    def __init__(self, run_id: str, attempt: int) -> None:
        self._job = (run_id, attempt)
        self._folder = run_folder(run_id)
        self._checkpoint = self._folder / CHECKPOINT
        self._resumed_after = 0
        self._unwritten: list[EpochEnded] = []
        self._written_at = -FLUSH_SECONDS
        self._asked_at = -WISH_SECONDS
        self._finish_wished = False

    def train(self) -> None:
        """Load, train, record. Raises Taken, and what reading and training raise."""
        # Here, because torch takes seconds to import and the guards at the end of this file come first.
        from brnet.materials.tables.files import read_table
        from brnet.training.conduct import conduct

        self._folder.mkdir(parents=True, exist_ok=True)
        experiment = get_run(self._job[0]).experiment
        stored = get_table(experiment.dataset)
        events = conduct(
            experiment,
            read_table(stored.data, name=stored.name),
            device=settings().device,
            threads=settings().threads,
            should_finish=self._should_finish,
            resume=self._resume(),
        )
        for event in events:
            self._record(event)

    def _record(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            self._unwritten.append(event)
            if time.monotonic() - self._written_at >= FLUSH_SECONDS:
                self._flush()
            return
        self._flush()
        if isinstance(event, Began):
            _must(jobs.begin(*self._job, event, after=self._resumed_after))
        elif isinstance(event, Checkpointed):
            _save(self._checkpoint, {"epoch": event.epoch, "state": dict(event.state)})
            _must(jobs.checkpointed(*self._job))
        elif isinstance(event, RowScored):
            _must(jobs.add_row(*self._job, event.row))
        else:
            self._finish(event)

    def _flush(self) -> None:
        if self._unwritten:
            _must(jobs.append_epochs(*self._job, self._unwritten))
            self._unwritten.clear()
        self._written_at = time.monotonic()

    def _finish(self, finished: Finished) -> None:
        from brnet.training.conduct import save_result

        _must(jobs.beat(*self._job))
        save_result(finished, self._folder)
        _must(jobs.finish(*self._job))
        self._checkpoint.unlink(missing_ok=True)

    def _should_finish(self) -> bool:
        if not self._finish_wished and time.monotonic() - self._asked_at >= WISH_SECONDS:
            self._finish_wished = jobs.wish_of(*self._job) == "finish"
            self._asked_at = time.monotonic()
        return self._finish_wished

    def _resume(self) -> Mapping[str, Any] | None:
        import torch

        if not self._checkpoint.exists():
            return None
        kept = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        self._resumed_after = kept["epoch"]
        return kept["state"]


def _must(mine: bool) -> None:
    if not mine:
        raise Taken


def _save(path: Path, content: Mapping[str, Any]) -> None:
    """Write under another name, then rename: a killed process leaves the checkpoint before."""
    import torch

    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    torch.save(dict(content), temporary)
    temporary.replace(path)


def _die_with(parent: int) -> None:
    """Have the system end this process when its supervisor is gone: a slot must not be used twice."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before the call above
        sys.exit("the supervisor is gone")


def _volunteer_for_lack_of_memory() -> None:
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)


if __name__ == "__main__":
    _die_with(int(sys.argv[3]))
    _volunteer_for_lack_of_memory()
    main(sys.argv[1], int(sys.argv[2]))
