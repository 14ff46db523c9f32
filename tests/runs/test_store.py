"""Tables and run folders on disk."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from brnet.errors import NotFoundError, TableError
from brnet.materials.tables.files import read_table
from brnet.runs import store
from brnet.runs.store import (
    delete_table,
    get_facts,
    get_table,
    list_tables,
    put_table,
    run_folder,
    versions,
)

CSV = b"formula,gap\nGaAs,1.42\n"
CHURN = 1.0  # seconds for which writers and deleters compete


def grown(copies: int) -> bytes:
    """The table with further rows."""
    return CSV + b"ZnO,3.3\n" * copies


def names_of(dataset_id: str) -> list[str]:
    return [version.name for version in versions(dataset_id)]


def test_a_table_comes_back_as_it_was_given(home):
    dataset_id = put_table(CSV, name="gaps.csv", source="a paper", licence="CC-BY-4.0")
    table = get_table(dataset_id)
    assert (table.data, table.name, table.source, table.licence) == (
        CSV,
        "gaps.csv",
        "a paper",
        "CC-BY-4.0",
    )
    assert table.n_bytes == len(CSV)
    assert table.created.utcoffset().total_seconds() == 0


def test_the_id_is_the_hash_of_the_cells_however_they_are_written(home):
    expected = read_table(CSV, name="gaps.csv").content_hash
    assert put_table(CSV, name="gaps.csv") == expected
    assert put_table(b"formula;gap\r\n\r\nGaAs;1.42\r\n", name="gaps.txt") == expected


def test_what_is_no_table_is_not_kept(home):
    with pytest.raises(TableError, match="is empty"):
        put_table(b"", name="nothing.csv")
    assert list_tables() == []


def test_versions_are_found_from_each_other_newest_first(home):
    ids = [put_table(CSV, name="first.csv")]
    for copy in (2, 3):
        data = CSV + b"ZnO,3.3\n" * copy
        ids.append(put_table(data, name=f"{copy}.csv", replaces=ids[-1]))
    other = put_table(b"formula,gap\nNaCl,8.5\n", name="other.csv")
    for one in ids:
        assert [version.id for version in versions(one)] == ids[::-1]
    assert [version.id for version in versions(other)] == [other]


def test_a_deleted_table_is_gone_and_its_versions_stay(home):
    first = put_table(CSV, name="first.csv")
    second = put_table(CSV + b"ZnO,3.3\n", name="second.csv", replaces=first)
    delete_table(first)
    with pytest.raises(NotFoundError):
        get_table(first)
    assert [version.id for version in versions(second)] == [second]
    with pytest.raises(NotFoundError, match="upload it again"):
        delete_table(first)


def test_a_deleted_version_leaves_no_gap(home):
    first = put_table(CSV, name="1")
    second = put_table(grown(1), name="2", replaces=first)
    third = put_table(grown(2), name="3", replaces=second)
    delete_table(second)
    assert get_facts(third).replaces == first
    assert names_of(first) == names_of(third) == ["3", "1"]


def test_versions_of_a_deleted_first_one_stay_together(home):
    first = put_table(CSV, name="1")
    second = put_table(grown(1), name="2", replaces=first)
    third = put_table(grown(2), name="3", replaces=first)
    delete_table(first)
    assert get_facts(second).replaces == ""
    assert names_of(second) == names_of(third) == ["3", "2"]


def test_a_table_that_is_here_becomes_a_new_version_of_another(home):
    old = put_table(grown(1), name="here already")
    first = put_table(CSV, name="first")
    assert put_table(grown(1), name="again", replaces=first) == old
    assert names_of(first) == names_of(old) == ["here already", "first"]


def test_a_version_keeps_the_one_before_it(home):
    first, other = put_table(CSV, name="first"), put_table(grown(1), name="other")
    second = put_table(grown(2), name="second", replaces=first)
    put_table(grown(2), name="second", replaces=other)
    assert get_facts(second).replaces == first


def test_a_table_is_not_a_version_of_what_came_from_it(home):
    first = put_table(CSV, name="1")
    second = put_table(grown(1), name="2", replaces=first)
    third = put_table(grown(2), name="3", replaces=second)
    for later in (first, second, third):
        put_table(CSV, name="back again", replaces=later)
    assert get_facts(first).replaces == ""
    assert names_of(first) == ["3", "2", "1"]


def test_versions_in_a_ring_of_an_older_store_are_found_and_deleted(home):
    first = put_table(CSV, name="1")
    second = put_table(grown(1), name="2", replaces=first)
    facts = home / "tables" / first / "facts.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"replaces": second}))
    assert sorted(names_of(first)) == ["1", "2"]
    delete_table(first)
    assert (names_of(second), get_facts(second).replaces) == (["2"], "")


@pytest.mark.parametrize("lost", ["data", "facts.json"])
def test_half_a_table_is_no_table_and_is_mended_by_its_upload(home, lost):
    dataset_id = put_table(CSV, name="gaps.csv")
    (home / "tables" / dataset_id / lost).unlink()
    assert list_tables() == []
    with pytest.raises(NotFoundError, match="upload it again"):
        get_table(dataset_id)
    assert put_table(CSV, name="gaps.csv") == dataset_id
    assert get_table(dataset_id).data == CSV


def test_data_that_vanish_after_the_facts_were_read_are_not_found(home, monkeypatch):
    dataset_id = put_table(CSV, name="gaps.csv")
    facts = get_facts(dataset_id)
    delete_table(dataset_id)
    monkeypatch.setattr(store, "get_facts", lambda _: facts)
    with pytest.raises(NotFoundError, match="upload it again"):
        get_table(dataset_id)


def test_a_table_that_cannot_be_emptied_is_still_gone(home, monkeypatch):
    dataset_id = put_table(CSV, name="gaps.csv")
    monkeypatch.setattr(store.shutil, "rmtree", lambda *args, **kwargs: None)
    delete_table(dataset_id)
    assert list_tables() == []
    with pytest.raises(NotFoundError):
        get_facts(dataset_id)


def test_a_folder_that_cannot_be_written_is_said_as_it_is(home, monkeypatch):
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store, "write_whole", lambda path, data: path.write_bytes(data))
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        put_table(CSV, name="gaps.csv")
    assert list((home / "tables").iterdir()) == []


def churn(number: int) -> None:
    """Put, read and delete the same few tables for a while; only NotFoundError may be met."""
    end = time.monotonic() + CHURN
    while time.monotonic() < end:
        for copies in (1, 2):
            dataset_id = put_table(grown(copies), name=f"{copies} of {number}")
            with suppress(NotFoundError):
                list_tables()
                versions(dataset_id)
                assert get_table(dataset_id).data == grown(copies)
                delete_table(dataset_id)


def test_writers_and_deleters_of_one_table_leave_whole_tables(home):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(churn, range(4)))
    for folder in (home / "tables").iterdir():
        assert sorted(file.name for file in folder.iterdir()) == ["data", "facts.json"]
    dataset_id = put_table(grown(1), name="at last")
    assert get_table(dataset_id).data == grown(1)


def test_facts_of_an_older_store_are_read(home):
    dataset_id = put_table(CSV, name="gaps.csv")
    facts = home / "tables" / dataset_id / "facts.json"
    told = json.loads(facts.read_text())
    del told["replaces"]
    facts.write_text(json.dumps(told))
    assert get_facts(dataset_id).replaces == ""


def test_the_same_bytes_are_kept_once_under_their_first_name(home):
    assert put_table(CSV, name="first.csv") == put_table(CSV, name="second.csv")
    assert [table.name for table in list_tables()] == ["first.csv"]


def test_many_writers_of_one_table_leave_one_table(home):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda i: put_table(CSV * 1000, name=f"{i}.csv"), range(24)))
    assert len(ids) == 1
    assert get_table(ids.pop()).data == CSV * 1000
    assert len(list((home / "tables").glob("*/*"))) == 2  # no temporary file is left


def test_the_list_is_newest_first_and_carries_no_bytes(home):
    put_table(b"a,b\n1,2\n", name="old.csv")
    put_table(CSV, name="new.csv")
    assert [(table.name, table.data) for table in list_tables()] == [("new.csv", b""), ("old.csv", b"")]


def test_no_tables_is_an_empty_list(home):
    assert list_tables() == []


@pytest.mark.parametrize("dataset_id", ["f" * 64, "../../etc/passwd", ""])
def test_an_unknown_table_is_refused(home, dataset_id):
    with pytest.raises(NotFoundError, match=r"^There is no table '.*' here; upload it again\.$"):
        get_table(dataset_id)


@pytest.mark.parametrize("run_id", ["..", "../models", "abc", "ABCDEFGH", "abcdefg\n"])
def test_a_run_folder_never_leaves_its_place(home, run_id):
    with pytest.raises(NotFoundError, match=r"is not the name of a run\.$"):
        run_folder(run_id)


def test_a_run_folder_is_named_after_the_run(home):
    assert run_folder("abcd2345") == home / "runs" / "abcd2345"
