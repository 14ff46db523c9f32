"""Uploaded tables and run folders on disk, under the home of this installation."""

import json
import re
import shutil
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

    Raises TableError where the bytes are no table; then nothing is kept.
    """
    dataset_id = read_table(data, name=name).content_hash
    folder = _tables() / dataset_id
    if not (folder / _FACTS).exists():
        facts = StoredTable(
            id=dataset_id,
            name=name,
            source=source,
            licence=licence,
            n_bytes=len(data),
            created=datetime.now(UTC),
            replaces="" if replaces == dataset_id else replaces,
        )
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _DATA, data)
        write_whole(folder / _FACTS, _as_json(facts))
    return dataset_id


def get_table(dataset_id: str) -> StoredTable:
    """The table with its bytes. Raises NotFoundError."""
    return replace(get_facts(dataset_id), data=(_tables() / dataset_id / _DATA).read_bytes())


def get_facts(dataset_id: str) -> StoredTable:
    """The table without its bytes. Raises NotFoundError."""
    folder = _tables() / dataset_id
    if not _DATASET_ID.fullmatch(dataset_id) or not (folder / _FACTS).exists():
        raise NotFoundError(f"There is no table {dataset_id[:12]!r} here; upload it again.")
    return _read_facts(folder)


def list_tables() -> list[StoredTable]:
    """Every table without its bytes, newest first."""
    folders = [facts.parent for facts in _tables().glob(f"*/{_FACTS}")]
    return sorted(map(_read_facts, folders), key=lambda table: table.created, reverse=True)


def versions(dataset_id: str) -> list[StoredTable]:
    """The table and the versions before and after it that are still here, newest first."""
    kept = {table.id: table for table in list_tables()}
    older = {table.id: table.replaces for table in kept.values()}
    family = {dataset_id}
    while True:
        found = {new for new, old in older.items() if old in family} | {older.get(one, "") for one in family}
        if found <= family | {""}:
            return [table for table in kept.values() if table.id in family]
        family |= found - {""}


def delete_table(dataset_id: str) -> None:
    """Remove a table; runs and models made from it stay. Raises NotFoundError."""
    get_facts(dataset_id)
    shutil.rmtree(_tables() / dataset_id)


def run_folder(run_id: str) -> Path:
    """Where a run keeps its report, model, checkpoint and log; it may not exist yet. Raises NotFoundError."""
    if not RUN_ID.fullmatch(run_id):
        raise NotFoundError(f"{run_id!r} is not the name of a run.")
    return settings().home / "runs" / run_id


def _tables() -> Path:
    return settings().home / "tables"


def _as_json(table: StoredTable) -> bytes:
    facts = asdict(table) | {"created": table.created.isoformat()}
    del facts["data"]
    return json.dumps(facts, indent=1).encode()


def _read_facts(folder: Path) -> StoredTable:
    facts = json.loads((folder / _FACTS).read_text())
    return StoredTable(**facts | {"created": datetime.fromisoformat(facts["created"])})
