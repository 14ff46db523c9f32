"""Tables and run folders on disk."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from brnet.errors import NotFoundError
from brnet.runs.store import get_table, list_tables, put_table, run_folder

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


def test_the_id_is_the_sha256_of_the_bytes(home):
    assert put_table(CSV, name="gaps.csv") == hashlib.sha256(CSV).hexdigest()


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
