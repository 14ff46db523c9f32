"""The database opens at the newest revision, whoever comes first."""

import os
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from brnet.errors import UnavailableError
from brnet.runs.database import list_runs
from brnet.runs.schema import MIGRATIONS, REVISION, database, metadata
from brnet.settings import settings


def test_the_migrations_make_the_tables_that_the_code_uses(home):
    with database().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_revision_in_the_code_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_sqlite_lets_readers_and_a_writer_work_together(home):
    with database().connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 10_000
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1  # NORMAL
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_processes_that_open_a_new_database_together_all_succeed(home):
    script = "from brnet.runs.database import list_runs; assert list_runs() == []"
    openers = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, env=os.environ.copy())
        for _ in range(4)
    ]
    assert [(opener.communicate()[1], opener.returncode) for opener in openers] == [(b"", 0)] * 4


def test_a_newer_database_is_refused(home):
    with database().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    script = "from brnet.runs.database import list_runs; list_runs()"
    opener = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    sentence = "The database was made by a newer version of this program; update the program."
    assert opener.stderr.strip().endswith(sentence)


def test_a_database_that_cannot_be_opened_is_named_in_a_sentence(home, monkeypatch):
    (home / "a folder").mkdir()
    monkeypatch.setenv("BRNET_DATABASE_URL", f"sqlite:///{home / 'a folder'}")
    settings.cache_clear()
    with pytest.raises(
        UnavailableError, match=r"^The database does not answer: unable to open database file\.$"
    ):
        database()


def test_runs_of_the_first_revision_are_found_by_their_table_after_the_upgrade(home):
    old = create_engine(settings().database_address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO jobs (id, state, attempt, losses, wish, owner, title, dataset_name, experiment,"
                " experiment_key, created, worker, epoch, seconds, message) VALUES ('abcdefgh', 'finished',"
                " 1, 0, '', '', 'a run', 't.csv', :experiment, 'k', '2026-11-01 12:00:00', '', 0, 0.0, '')"
            ),
            {
                "experiment": '{"dataset": "d1", "formula_column": "formula", "target": "gap",'
                ' "quantity": {"label": "gap"}}'
            },
        )
    old.dispose()
    assert [run.id for run in list_runs(datasets=["d1"])] == ["abcdefgh"]
    assert list_runs(datasets=["d2"]) == []
