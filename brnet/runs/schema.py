"""The tables of the database and the way to it: opened once a process, brought up to date on the way."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from brnet.errors import UnavailableError
from brnet.settings import settings

MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = "0002"  # the newest file in migrations/versions

_BUSY_SECONDS = 10  # how long a writer waits for another before it gives up
_MIGRATION_LOCK = 0x62726E6574  # PostgreSQL's advisory lock of this program: "brnet" in ASCII


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC without its zone: databases differ in how they keep zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True, comment="order of submission"),
    Column("id", String(8), nullable=False, unique=True),
    Column("state", String(9), nullable=False),
    Column("attempt", Integer, nullable=False, comment="counts from 1; every write of a worker names it"),
    Column("losses", Integer, nullable=False, comment="workers lost since the last checkpoint"),
    Column("wish", String(6), nullable=False, comment="what the user asked for: '', 'finish' or 'cancel'"),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("dataset_name", Text, nullable=False),
    Column("dataset", String(64), nullable=False, server_default="", comment="id of the table"),
    Column("experiment", Text, nullable=False, comment="JSON"),
    Column("experiment_key", String(64), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Column("started", UTCDateTime),
    Column("ended", UTCDateTime),
    Column("heartbeat", UTCDateTime),
    Column("worker", Text, nullable=False),
    Column("began", Text, comment="JSON of events.Began"),
    Column("epoch", Integer, nullable=False),
    Column("seconds", Float, nullable=False, comment="of training, up to `epoch`"),
    Column("message", Text, nullable=False, comment="why it ended, in words"),
    Index("jobs_by_state", "state", "number"),
    Index("jobs_by_key", "experiment_key"),
    Index("jobs_by_dataset", "dataset"),
    sqlite_autoincrement=True,
)

epochs = Table(
    "epochs",
    metadata,
    Column("run", String(8), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    # Nullable, because SQLite keeps a NaN (a diverged loss) as NULL.
    Column("train_loss", Float),
    Column("valid_loss", Float),
    Column("valid_error", Float),
    Column("learning_rate", Float),
    Column("seconds", Float, comment="of training so far"),
)

rows = Table(
    "rows",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", String(8), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("row", Text, nullable=False, comment="JSON of report.Row without its predictions"),
)


def database() -> Engine:
    """The database of the settings, its tables at the newest revision. Raises UnavailableError."""
    return _open(settings().database_address)


@cache
def _open(address: str) -> Engine:
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine)
    try:
        with engine.connect() as connection:
            current = _revision(connection)
        if current != REVISION:
            _migrate(engine)
    except OperationalError as error:
        raise UnavailableError(f"The database does not answer: {error.orig}.") from error
    return engine


def _set_up_sqlite(engine: Engine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    # Alembic takes 0.2 s to import: only who has to migrate pays for it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection, connection.begin():
        _wait_for_other_migrations(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnavailableError(
                "The database was made by a newer version of this program; update the program."
            ) from error


def _wait_for_other_migrations(connection: Connection) -> None:
    """Let one process migrate while the others wait: theirs then finds nothing to do."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
