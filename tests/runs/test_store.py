"""Tables and run folders on disk."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from brnet.errors import NotFoundError, TableError
from brnet.materials.tables.files import read_table
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
