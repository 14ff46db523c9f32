"""Every change of a job's state: one statement each, naming the state it leaves and the attempt it means."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, literal, select, update

from brnet.runs.schema import UTCDateTime, database, epochs, jobs, rows
from brnet.training.events import Began, EpochEnded
from brnet.training.report import Row

RunState = Literal["queued", "running", "finished", "failed", "cancelled"]
Wish = Literal["", "finish", "cancel"]

MOST_LOSSES = 3  # workers lost in a row without a new checkpoint: then the job itself is the cause
LOST_SENTENCE = f"The training process was lost {MOST_LOSSES} times in a row; see the log of the run."


class Queued(NamedTuple):
    """A job that waits, and the attempt that the one who takes it must name."""

    id: str
    attempt: int


def queue(limit: int | None = None) -> list[Queued]:
    """The waiting jobs in the order in which they will be served.

    First come, first served for each owner; between owners, who has fewer jobs running and ahead comes first.
    """
    running = (
        select(jobs.c.owner, func.count().label("n"))
        .where(jobs.c.state == "running")
        .group_by(jobs.c.owner)
        .subquery()
    )
    place = func.row_number().over(partition_by=jobs.c.owner, order_by=jobs.c.number)
    turn = (place + func.coalesce(running.c.n, 0)).label("turn")
    waiting = (
        select(jobs.c.id, jobs.c.attempt)
        .outerjoin(running, running.c.owner == jobs.c.owner)
        .where(jobs.c.state == "queued")
        .order_by(turn, jobs.c.number)
        .limit(limit)
    )
    with database().connect() as connection:
        return [Queued(*found) for found in connection.execute(waiting)]


def claim(run_id: str, attempt: int, worker: str) -> bool:
    """Take a waiting job; False when somebody else has it, or nobody wants it any more."""
    now = _now()
    return _change(
        run_id,
        attempt,
        leaves="queued",
        state="running",
        worker=worker,
        heartbeat=now,
        started=func.coalesce(jobs.c.started, now),
    )


def beat(run_id: str, attempt: int) -> bool:
    """Say that the worker lives; False when the job is no longer this attempt's."""
    return _change(run_id, attempt, heartbeat=_now())


def wish_of(run_id: str, attempt: int) -> Wish | None:
    """What the user asked of the running attempt; None when the job is no longer this attempt's."""
    found = select(jobs.c.wish).where(_is(run_id, attempt, "running"))
    with database().connect() as connection:
        return connection.execute(found).scalar()


def begin(run_id: str, attempt: int, began: Began, *, after: int = 0) -> bool:
    """Write down what is trained; forget what an earlier attempt did after epoch `after`."""
    trained = select(func.coalesce(func.max(epochs.c.seconds), 0.0)).where(epochs.c.run == run_id)
    with database().begin() as connection:
        if not _change(run_id, attempt, connection, began=json.dumps(asdict(began)), epoch=after):
            return False
        connection.execute(delete(epochs).where(epochs.c.run == run_id, epochs.c.epoch > after))
        connection.execute(delete(rows).where(rows.c.run == run_id))
        return _change(run_id, attempt, connection, seconds=trained.scalar_subquery())


def append_epochs(run_id: str, attempt: int, ended: Sequence[EpochEnded]) -> bool:
    """Add points to the curves; False when the job is no longer this attempt's."""
    columns = [column.name for column in epochs.columns if column.name != "run"]
    points = [{"run": run_id} | {name: getattr(epoch, name) for name in columns} for epoch in ended]
    with database().begin() as connection:
        if not _change(run_id, attempt, connection, epoch=ended[-1].epoch, seconds=ended[-1].seconds):
            return False
        connection.execute(insert(epochs), points)
        return True


def add_row(run_id: str, attempt: int, row: Row) -> bool:
    """Add a line to the leaderboard; False when the job is no longer this attempt's."""
    # json.dumps, because pydantic would write a NaN score as null, which is no score.
    text = json.dumps(row.model_copy(update={"predictions": ()}).model_dump())
    with database().begin() as connection:
        if not _change(run_id, attempt, connection, heartbeat=_now()):
            return False
        connection.execute(insert(rows).values(run=run_id, row=text))
        return True


def checkpointed(run_id: str, attempt: int) -> bool:
    """Count losses anew: there was progress."""
    return _change(run_id, attempt, losses=0)


def finish(run_id: str, attempt: int, message: str = "") -> bool:
    return _end(run_id, attempt, "finished", message)


def fail(run_id: str, attempt: int, message: str) -> bool:
    return _end(run_id, attempt, "failed", message)


def end_cancelled(run_id: str, attempt: int) -> bool:
    return _end(run_id, attempt, "cancelled", "")


def give_back(run_id: str, attempt: int) -> bool:
    """Put a running job back into the queue, as the next attempt: its worker is told to stop, not lost."""
    return _requeue(_is(run_id, attempt, "running"), losses=jobs.c.losses) == 1


def requeue_silent(patience: timedelta) -> int:
    """Put every running job back whose worker has said nothing for so long; how many there were."""
    silent = and_(jobs.c.state == "running", jobs.c.heartbeat < _now(ago=patience))
    return _requeue(silent, losses=jobs.c.losses + 1)


def wish_cancel(run_id: str) -> bool:
    """Cancel a waiting job at once, ask the worker of a running one to."""
    waiting = jobs.c.state == "queued"
    statement = (
        update(jobs)
        .where(jobs.c.id == run_id, jobs.c.state.in_(["queued", "running"]))
        .values(
            wish="cancel",
            state=case((waiting, "cancelled"), else_=jobs.c.state),
            ended=case((waiting, _now()), else_=jobs.c.ended),
        )
    )
    with database().begin() as connection:
        return connection.execute(statement).rowcount == 1


def wish_finish(run_id: str) -> bool:
    """Ask the worker of a running job to stop after this epoch and keep the best."""
    statement = (
        update(jobs)
        .where(jobs.c.id == run_id, jobs.c.state == "running", jobs.c.wish == "")
        .values(wish="finish")
    )
    with database().begin() as connection:
        return connection.execute(statement).rowcount == 1


def _end(run_id: str, attempt: int, state: RunState, message: str) -> bool:
    return _change(run_id, attempt, state=state, message=message, ended=_now())


def _requeue(which: ColumnElement[bool], *, losses: ColumnElement[int]) -> int:
    cancelled = jobs.c.wish == "cancel"
    hopeless = losses >= MOST_LOSSES
    statement = (
        update(jobs)
        .where(which)
        .values(
            attempt=jobs.c.attempt + 1,
            losses=losses,
            worker="",
            state=case((cancelled, "cancelled"), (hopeless, "failed"), else_="queued"),
            ended=case((cancelled, _now()), (hopeless, _now()), else_=jobs.c.ended),
            message=case((cancelled, ""), (hopeless, LOST_SENTENCE), else_=""),
        )
    )
    with database().begin() as connection:
        return connection.execute(statement).rowcount


def _change(
    run_id: str,
    attempt: int,
    connection: Connection | None = None,
    *,
    leaves: RunState = "running",
    **values: Any,
) -> bool:
    """Change the job if it is in that state and at that attempt; False when it is not."""
    statement = update(jobs).where(_is(run_id, attempt, leaves)).values(**values)
    if connection is not None:
        return connection.execute(statement).rowcount == 1
    with database().begin() as own:
        return own.execute(statement).rowcount == 1


def _is(run_id: str, attempt: int, state: RunState) -> ColumnElement[bool]:
    return and_(jobs.c.id == run_id, jobs.c.attempt == attempt, jobs.c.state == state)


def _now(*, ago: timedelta = timedelta(0)) -> ColumnElement[datetime]:
    # Typed, because inside coalesce and case SQLAlchemy would pass on a zone that the column does not keep.
    return literal(datetime.now(UTC) - ago, UTCDateTime)
