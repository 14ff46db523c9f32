"""Uploaded tables and run folders on disk, under the home of this installation."""

import errno
import json
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from brnet.disk import write_whole
from brnet.errors import NotFoundError
from brnet.materials.tables.files import read_table
from brnet.settings import settings

RUN_ID = re.compile(r"[a-z0-9]{8}")
CHECKPOINT, LOG, REPORT = "checkpoint.pt", "log.txt", "report.json"  # files of a run folder

_DATASET_ID = re.compile(r"[0-9a-f]{64}")
_DATA, _FACTS = "data", "facts.json"


@dataclass(frozen=True, kw_only=True)
class StoredTable:
    """A table as somebody gave it; `id` is its content hash, `created` is in UTC.

    `replaces` is the id of the version before it, empty for a first one.
    """

    id: str
    name: str
    source: str
    licence: str
    n_bytes: int
    created: datetime
    replaces: str = ""
    data: bytes = field(default=b"", repr=False)


def put_table(
    data: bytes, *, name: str, source: str = "upload", licence: str = "", replaces: str = ""
) -> str:
    """Keep a table and return its id: the same cells are kept once, in their first file and under its name.

    A table that is here becomes a version of the one that it `replaces`, unless it has another before it.
    Nothing is linked to its own ancestor. Raises TableError where the bytes are no table; then nothing is
    kept.
    """
    dataset_id = read_table(data, name=name).content_hash
    if replaces and dataset_id in _line(replaces, _by_id()):
        replaces = ""
    table = StoredTable(
        id=dataset_id,
        name=name,
        source=source,
        licence=licence,
        n_bytes=len(data),
        created=datetime.now(UTC),
        replaces=replaces,
        data=data,
    )
    kept = _facts_of(dataset_id) or _place(table)
    if replaces and not kept.replaces:
        _link(kept, replaces)
    return dataset_id


def get_table(dataset_id: str) -> StoredTable:
    """The table with its bytes. Raises NotFoundError."""
    facts = get_facts(dataset_id)
    try:
        return replace(facts, data=(_tables() / dataset_id / _DATA).read_bytes())
    except FileNotFoundError:  # deleted meanwhile
        raise _no_table(dataset_id) from None


def get_facts(dataset_id: str) -> StoredTable:
    """The table without its bytes. Raises NotFoundError."""
    facts = _facts_of(dataset_id)
    if facts is None:
        raise _no_table(dataset_id)
    return facts


def list_tables() -> list[StoredTable]:
    """Every table without its bytes, newest first."""
    tables = [facts for folder in _tables().glob("*") if (facts := _facts_of(folder.name))]
    return sorted(tables, key=lambda table: table.created, reverse=True)


def versions(dataset_id: str) -> list[StoredTable]:
    """The table and the versions before and after it that are still here, newest first.

    A table that was here already comes after the version that it replaces, however old it is.
    """
    kept = _by_id()
    older = {table.id: table.replaces for table in kept.values()}
    family = {dataset_id}
    while True:
        found = {new for new, old in older.items() if old in family} | {older.get(one, "") for one in family}
        if found <= family | {""}:
            break
        family |= found - {""}
    return sorted((kept[one] for one in family & kept.keys()), key=lambda v: _age(v, kept), reverse=True)


def delete_table(dataset_id: str) -> None:
    """Remove a table; runs, models and later versions made from it stay. Raises NotFoundError."""
    _close_gap(get_facts(dataset_id))
    if not _set_aside(_tables() / dataset_id):
        raise _no_table(dataset_id)


def run_folder(run_id: str) -> Path:
    """Where a run keeps its report, model, checkpoint and log; it may not exist yet. Raises NotFoundError."""
    if not RUN_ID.fullmatch(run_id):
        raise NotFoundError(f"{run_id!r} is not the name of a run.")
    return settings().home / "runs" / run_id


def _tables() -> Path:
    return settings().home / "tables"


def _by_id() -> dict[str, StoredTable]:
    return {table.id: table for table in list_tables()}


def _no_table(dataset_id: str) -> NotFoundError:
    return NotFoundError(f"There is no table {dataset_id[:12]!r} here; upload it again.")


def _facts_of(dataset_id: str) -> StoredTable | None:
    """The table without its bytes, None unless both of its files are here."""
    folder = _tables() / dataset_id
    if not _DATASET_ID.fullmatch(dataset_id) or not (folder / _DATA).exists():
        return None
    try:
        return _read_facts(folder)
    except FileNotFoundError:
        return None


def _place(table: StoredTable) -> StoredTable:
    """Bring a whole folder to its place in one step; the table that stands there, which may be another's."""
    ready, folder = _hidden(table.id), _tables() / table.id
    ready.mkdir(parents=True)
    try:
        write_whole(ready / _DATA, table.data)
        write_whole(ready / _FACTS, _as_json(table))
        while not (kept := _facts_of(table.id)):
            try:
                ready.rename(folder)
                return table
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            if not _facts_of(table.id):
                _set_aside(folder)  # half a table, left by a version that did not delete in one step
        return kept
    finally:
        shutil.rmtree(ready, ignore_errors=True)


def _set_aside(folder: Path) -> bool:
    """Remove a folder, out of sight in one step; whether it was there."""
    hidden = _hidden(folder.name)
    try:
        folder.rename(hidden)
    except FileNotFoundError:
        return False
    shutil.rmtree(hidden, ignore_errors=True)
    return True


def _hidden(dataset_id: str) -> Path:
    return _tables() / f".{dataset_id}.{secrets.token_hex(4)}"


def _link(table: StoredTable, replaces: str) -> None:
    with suppress(FileNotFoundError):  # deleted meanwhile
        write_whole(_tables() / table.id / _FACTS, _as_json(replace(table, replaces=replaces)))


def _line(dataset_id: str, kept: Mapping[str, StoredTable]) -> list[str]:
    """The ids of a table and of all before it, the last of which may be gone."""
    line: list[str] = []
    while dataset_id and dataset_id not in line:
        line.append(dataset_id)
        dataset_id = kept[dataset_id].replaces if dataset_id in kept else ""
    return line


def _age(table: StoredTable, kept: Mapping[str, StoredTable]) -> tuple[datetime, int]:
    """What sorts versions: when the last of its line came, then its place in the line."""
    line = _line(table.id, kept)
    return max(kept[one].created for one in line if one in kept), len(line)


def _close_gap(gone: StoredTable) -> None:
    """What replaces a table that goes will replace the one before it, or else the oldest of its like."""
    before = gone.replaces
    for table in reversed(list_tables()):
        if table.replaces == gone.id and table.id != gone.id:
            _link(table, before if before != table.id else "")
            before = before or table.id


def _as_json(table: StoredTable) -> bytes:
    facts = asdict(table) | {"created": table.created.isoformat()}
    del facts["data"]
    return json.dumps(facts, indent=1).encode()


def _read_facts(folder: Path) -> StoredTable:
    facts = json.loads((folder / _FACTS).read_text())
    return StoredTable(**facts | {"created": datetime.fromisoformat(facts["created"])})
