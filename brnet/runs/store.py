"""Uploaded tables and run folders on disk, under the home of this installation."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from brnet.disk import write_whole
from brnet.errors import NotFoundError
from brnet.settings import settings

RUN_ID = re.compile(r"[a-z0-9]{8}")
CHECKPOINT, LOG, REPORT = "checkpoint.pt", "log.txt", "report.json"  # files of a run folder

_DATASET_ID = re.compile(r"[0-9a-f]{64}")
_DATA, _FACTS = "data", "facts.json"


@dataclass(frozen=True, kw_only=True)
class StoredTable:
    """A table as somebody gave it; `id` is the SHA-256 of its bytes, `created` is in UTC."""

    id: str
    name: str
    source: str
    licence: str
    n_bytes: int
    created: datetime
    data: bytes = field(default=b"", repr=False)


def put_table(data: bytes, *, name: str, source: str = "upload", licence: str = "") -> str:
    """Keep a table and return its id. The same bytes are kept once, under their first name."""
    dataset_id = hashlib.sha256(data).hexdigest()
    folder = _tables() / dataset_id
    if not (folder / _FACTS).exists():
        facts = StoredTable(
            id=dataset_id,
            name=name,
            source=source,
            licence=licence,
            n_bytes=len(data),
            created=datetime.now(UTC),
        )
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _DATA, data)
        write_whole(folder / _FACTS, _as_json(facts))
    return dataset_id


def get_table(dataset_id: str) -> StoredTable:
    """The table with its bytes. Raises NotFoundError."""
    folder = _tables() / dataset_id
    if not _DATASET_ID.fullmatch(dataset_id) or not (folder / _FACTS).exists():
        raise NotFoundError(f"There is no table {dataset_id[:12]!r} here; upload it again.")
    return _read_facts(folder, data=(folder / _DATA).read_bytes())


def list_tables() -> list[StoredTable]:
    """Every table without its bytes, newest first."""
    folders = [facts.parent for facts in _tables().glob(f"*/{_FACTS}")]
    return sorted(map(_read_facts, folders), key=lambda table: table.created, reverse=True)


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


def _read_facts(folder: Path, data: bytes = b"") -> StoredTable:
    facts = json.loads((folder / _FACTS).read_text())
    return StoredTable(**facts | {"created": datetime.fromisoformat(facts["created"]), "data": data})
