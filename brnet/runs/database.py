"""Runs as the rest of the program knows them: ask for one, look at it, stop it, forget it."""

import json
import math
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
from sqlalchemy import Row as Record
from sqlalchemy import delete, func, insert, select

from brnet.errors import BrnetError, NotFoundError
from brnet.runs.jobs import RunState, queue, wish_cancel, wish_finish
from brnet.runs.schema import database, epochs, jobs, rows
from brnet.runs.store import REPORT, run_folder
from brnet.training.events import Began
from brnet.training.experiment import Experiment
from brnet.training.report import Report, Row

RUN_STATES: tuple[RunState, ...] = get_args(RunState)
CURVES = ("epoch", "train_loss", "valid_loss", "valid_error", "learning_rate")

_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run at the moment it was read. Moments are in UTC."""

    id: str
    state: RunState
    attempt: int
    experiment: Experiment
    dataset_name: str
    title: str
    owner: str
    created: datetime
    started: datetime | None
    ended: datetime | None
    began: Began | None
    epoch: int
    epochs: int | None
    seconds_left: float | None
    queue_position: int | None
    stopping: bool
    message: str

    @property
    def active(self) -> bool:
        """Whether anything about it can still change."""
        return self.state in ("queued", "running")


def submit(experiment: Experiment, *, dataset_name: str, title: str = "", owner: str = "") -> str:
    """Queue an experiment and return the run's id."""
    run_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
    values = {
        "id": run_id,
        "state": "queued",
        "attempt": 1,
        "losses": 0,
        "wish": "",
        "owner": owner,
        "title": title or f"{experiment.architecture}: {experiment.quantity.label} of {dataset_name}",
        "dataset_name": dataset_name,
        "dataset": experiment.dataset,
        "experiment": experiment.model_dump_json(),
        "experiment_key": experiment.key,
        "created": datetime.now(UTC),
        "worker": "",
        "epoch": 0,
        "seconds": 0.0,
        "message": "",
    }
    with database().begin() as connection:
        connection.execute(insert(jobs).values(values))
    return run_id


def get_run(run_id: str) -> Run:
    """The run as it is now. Raises NotFoundError."""
    with database().connect() as connection:
        record = connection.execute(select(jobs).where(jobs.c.id == run_id)).one_or_none()
    if record is None:
        raise NotFoundError(f"There is no run {run_id!r} here; it may have been deleted.")
    return _as_runs([record])[0]


def list_runs(
    limit: int = 100, *, owner: str | None = None, datasets: Collection[str] | None = None
) -> list[Run]:
    """The newest runs first; of one owner or of everybody, of these tables or of all."""
    statement = select(jobs).order_by(jobs.c.number.desc()).limit(limit)
    if owner is not None:
        statement = statement.where(jobs.c.owner == owner)
    if datasets is not None:
        statement = statement.where(jobs.c.dataset.in_(datasets))
    with database().connect() as connection:
        return _as_runs(list(connection.execute(statement)))


def find_answer(experiment: Experiment) -> Run | None:
    """The newest finished run of the very same question that nobody ended early."""
    statement = (
        select(jobs)
        .where(jobs.c.experiment_key == experiment.key, jobs.c.state == "finished", jobs.c.wish == "")
        .order_by(jobs.c.number.desc())
        .limit(1)
    )
    with database().connect() as connection:
        found = _as_runs(list(connection.execute(statement)))
    return found[0] if found else None


def epochs_of(run_id: str, *, most: int = 500) -> dict[str, list[float]]:
    """The curves as columns CURVES, at most `most` points, evenly spaced; the first and last are kept."""
    here = epochs.c.run == run_id
    ends = select(func.min(epochs.c.epoch), func.max(epochs.c.epoch), func.count()).where(here)
    points = select(*(epochs.c[name] for name in CURVES)).where(here).order_by(epochs.c.epoch)
    with database().connect() as connection:
        first, last, n_points = connection.execute(ends).one()
        if n_points > most:
            shown = np.unique(np.linspace(first, last, max(most, 2)).round().astype(int))
            points = points.where(epochs.c.epoch.in_(shown.tolist()))
        found = connection.execute(points).all()
    return {
        name: [math.nan if point[i] is None else point[i] for point in found] for i, name in enumerate(CURVES)
    }


def rows_of(run_id: str) -> list[Row]:
    """The leaderboard so far, without predictions: those are in the report."""
    statement = select(rows.c.row).where(rows.c.run == run_id).order_by(rows.c.number)
    with database().connect() as connection:
        return [Row.model_validate(json.loads(text)) for text in connection.execute(statement).scalars()]


def report_of(run_id: str) -> Report | None:
    """The report of a finished run; None while there is none."""
    try:
        return Report.model_validate_json((run_folder(run_id) / REPORT).read_bytes())
    except FileNotFoundError:
        return None


def request_cancel(run_id: str) -> bool:
    """Stop the run, keep its curves; False when it had ended already. Raises NotFoundError."""
    if wish_cancel(run_id):
        return True
    get_run(run_id)
    return False


def request_finish(run_id: str) -> bool:
    """End training after this epoch and keep the best network; False when it is not training.

    Raises NotFoundError.
    """
    if wish_finish(run_id):
        return True
    get_run(run_id)
    return False


def delete_run(run_id: str) -> None:
    """Remove the run, its curves and its folder. Raises BrnetError while it trains, NotFoundError."""
    run = get_run(run_id)
    with database().begin() as connection:
        gone = connection.execute(delete(jobs).where(jobs.c.id == run_id, jobs.c.state != "running"))
        if gone.rowcount == 0:
            raise BrnetError(f"Run {run.title!r} is still training; cancel it before deleting it.")
    shutil.rmtree(run_folder(run_id), ignore_errors=True)


def _as_runs(records: list[Record[Any]]) -> list[Run]:
    waiting = any(record.state == "queued" for record in records)
    positions = {job.id: i + 1 for i, job in enumerate(queue())} if waiting else {}
    return [_as_run(record, positions.get(record.id)) for record in records]


def _as_run(record: Record[Any], queue_position: int | None) -> Run:
    began = Began(**json.loads(record.began)) if record.began else None
    return Run(
        id=record.id,
        state=record.state,
        attempt=record.attempt,
        experiment=Experiment.model_validate_json(record.experiment),
        dataset_name=record.dataset_name,
        title=record.title,
        owner=record.owner,
        created=record.created,
        started=record.started,
        ended=record.ended,
        began=began,
        epoch=record.epoch,
        epochs=began.epochs if began else None,
        seconds_left=_seconds_left(record, began),
        queue_position=queue_position if record.state == "queued" else None,
        stopping=record.state == "running" and record.wish != "",
        message=record.message,
    )


def _seconds_left(record: Record[Any], began: Began | None) -> float | None:
    if record.state != "running" or began is None or record.epoch == 0:
        return None
    return record.seconds / record.epoch * max(0, began.epochs - record.epoch)
