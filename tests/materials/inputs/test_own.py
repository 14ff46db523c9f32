"""A table's own columns as inputs: gaps, categories, notes, refusals, and which columns could be used."""

import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brnet.errors import ExperimentError
from brnet.materials.inputs.own import (
    MOST_CATEGORIES,
    CategoryColumn,
    Encoding,
    NumberColumn,
    fit_encoding,
    usable_columns,
)


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=str)


ALLOYS = frame(
    temperature=["300", "n/a", "500", "1e3", " 400 "],
    pressure=["1", "2", "3", "4", "5"],
    route=["cast", "Cast ", "cast", "rolled", ""],
)


def alloys() -> Encoding:
    return fit_encoding(ALLOYS, numbers=["temperature", "pressure"], categories=["route"])


def test_each_input_is_named() -> None:
    assert alloys().columns == (
        "temperature",
        "temperature is missing",
        "pressure",
        "route = cast",
        "route = rolled",
    )


def test_a_gap_is_filled_with_the_training_median_and_flagged() -> None:
    encoded = alloys().encode(ALLOYS)
    assert encoded.shape == (5, 5)
    assert encoded.dtype == np.float64
    assert encoded[:, 0].tolist() == [300, 450, 500, 1000, 400]
    assert encoded[:, 1].tolist() == [0, 1, 0, 0, 0]


def test_categories_are_zeros_and_ones_whatever_their_case_and_spaces() -> None:
    assert alloys().encode(ALLOYS)[:, 3:].tolist() == [[1, 0], [1, 0], [1, 0], [0, 1], [0, 0]]


def test_categories_are_shown_in_their_commonest_spelling() -> None:
    encoding = fit_encoding(frame(phase=["FCC", "fcc", "FCC ", "bcc"]), numbers=[], categories=["phase"])
    assert encoding.columns == ("phase = bcc", "phase = FCC")


def test_numbers_as_categories_are_compared_as_numbers() -> None:
    encoding = fit_encoding(frame(grade=["1", "1.0", "2"]), numbers=[], categories=["grade"])
    assert encoding.encode(frame(grade=["1.00", "2", "3"])).tolist() == [[1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("cell", ["", "inf", "-inf", "1e39", "-1e400", "nan", "none", "warm", "9" * 400])
def test_what_is_no_finite_number_is_filled(cell: str) -> None:
    assert alloys().encode(frame(temperature=[cell], pressure=["1"]))[0, :2].tolist() == [450, 1]


def test_a_gap_in_a_column_without_gaps_in_training_is_filled_without_a_flag() -> None:
    assert alloys().encode(frame(pressure=["?"]))[0, 2] == 3


def test_a_column_that_the_frame_lacks_is_missing_in_every_row() -> None:
    encoded = alloys().encode(frame(other=["x", "y"]))
    assert encoded.tolist() == [[450, 1, 3, 0, 0]] * 2


def test_notes_say_what_was_filled_in_and_what_is_not_known() -> None:
    cells = frame(temperature=["", "310", "warm"], pressure=["1"] * 3, route=["forged", "CAST", "-"])
    assert alloys().notes(cells) == [
        (
            "temperature was missing: 450, the training median, was taken.",
            "route 'forged' was not among the training rows.",
        ),
        (),
        (
            "temperature 'warm' is no usable number: 450, the training median, was taken.",
            "route was missing.",
        ),
    ]


def test_a_long_cell_is_shortened_in_its_note() -> None:
    (notes,) = alloys().notes(frame(temperature=["1"], pressure=["1"], route=["x\n" * 500]))
    assert len(notes[0]) < 100
    assert "\n" not in notes[0]


def test_none_may_be_a_category_beside_one_other() -> None:
    encoding = fit_encoding(frame(coating=["none", "oxide", "none"]), numbers=[], categories=["coating"])
    assert encoding.columns == ("coating = none", "coating = oxide")
    assert encoding.notes(frame(coating=["None", ""])) == [(), ("coating was missing.",)]


def test_row_labels_of_the_frame_do_not_matter() -> None:
    shuffled = ALLOYS.iloc[[3, 3, 0]].set_axis([7, 7, 2])
    assert (alloys().encode(shuffled) == alloys().encode(ALLOYS)[[3, 3, 0]]).all()
    assert fit_encoding(shuffled, numbers=["temperature"], categories=["route"]).columns == (
        "temperature",
        "route = cast",
        "route = rolled",
    )


def test_the_encoding_knows_nothing_of_other_rows() -> None:
    train = fit_encoding(ALLOYS.iloc[:3], numbers=["temperature"], categories=["route"])
    assert train.numbers[0].fill == 400
    assert train.columns[-1] == "route = cast"


def test_an_encoding_without_columns_is_empty() -> None:
    assert Encoding().encode(ALLOYS).shape == (5, 0)
    assert Encoding().notes(ALLOYS) == [()] * 5


def test_cells_that_are_no_texts_are_read_too() -> None:
    encoded = alloys().encode(pd.DataFrame({"temperature": [300.0, np.nan], "route": ["cast", None]}))
    assert encoded.tolist() == [[300, 0, 3, 1, 0], [450, 1, 3, 0, 0]]


def test_a_fill_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        NumberColumn(name="x", fill=float("nan"), flagged=False)


@pytest.mark.parametrize(
    ("numbers", "categories", "sentence"),
    [
        (["T"], [], "There is no column 'T' in the table; choose one that it has."),
        (
            ["route"],
            [],
            "Column 'route' holds no number in the training rows; leave it out or use it as categories.",
        ),
        ([], ["empty"], "Column 'empty' is empty in the training rows; leave it out."),
        (
            [],
            ["many"],
            "Column 'many' has 51 different values in the training rows, more than 50 categories; "
            "leave it out or use it as numbers.",
        ),
        (
            ["many"],
            ["many"],
            "Column 'many' is chosen twice; choose it once, as numbers or as categories.",
        ),
        (["a = b"], ["a"], "Two inputs would be named 'a = b'; rename one of their columns."),
    ],
)
def test_a_column_that_cannot_be_encoded_is_named(
    numbers: list[str], categories: list[str], sentence: str
) -> None:
    n = MOST_CATEGORIES + 1
    cells = pd.DataFrame(
        {"route": ["cast"] * n, "empty": [" "] * n, "many": [str(i) for i in range(n)], "a = b": ["1"] * n}
        | {"a": ["b"] * n}
    )
    with pytest.raises(ExperimentError, match=f"^{re.escape(sentence)}$"):
        fit_encoding(cells, numbers=numbers, categories=categories)


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "nan", "None", "-", "inf", "1e999", "0x10", "1_000", "½", "٣", "1,5", "−3", "true"]),
    st.floats().map(str),
    st.integers().map(str),
)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=12), st.lists(st.tuples(texts, texts)))
def test_any_texts_encode_alike_after_a_round_trip_through_json(train: list, asked: list) -> None:
    cells = pd.DataFrame(train, columns=["a", "b", "c"], dtype=object)
    try:
        encoding = fit_encoding(cells, numbers=["a", "b"], categories=["c"])
    except ExperimentError:
        encoding = Encoding(
            numbers=(NumberColumn(name="a", fill=0.1, flagged=True),),
            categories=(CategoryColumn(name="c", categories=tuple(dict.fromkeys(row[2] for row in train))),),
        )
    again = Encoding.model_validate_json(encoding.model_dump_json())
    assert again == encoding
    for rows in (cells, pd.DataFrame(asked, columns=["a", "c"], dtype=object)):
        encoded = encoding.encode(rows)
        assert encoded.shape == (len(rows), len(encoding.columns))
        assert np.isfinite(encoded.astype(np.float32)).all()
        assert (again.encode(rows) == encoded).all()
        assert len(encoding.notes(rows)) == len(rows)


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=30))
def test_each_filled_training_cell_sets_one_category(cells: list[str]) -> None:
    column = pd.DataFrame({"c": cells}, dtype=object)
    try:
        encoding = fit_encoding(column, numbers=[], categories=["c"])
    except ExperimentError:
        return
    sums = encoding.encode(column).sum(axis=1)
    unnoted = [not notes for notes in encoding.notes(column)]
    assert (sums == unnoted).all()


def test_usable_columns_are_told_apart() -> None:
    n = 60
    rows = range(n)
    cells = frame(
        formula=["Fe2O3"] * n,
        temperature=[str(300 + 7 * (row % 9)) for row in rows],
        hardness=["" if row % 3 else str(row / 7) for row in rows],
        flag=["yes" if row % 2 else "no" for row in rows],
        route=[("cast", "rolled", "forged")[row % 3] for row in rows],
        grade=[str(1 + row % 4) for row in rows],
    )
    cells["sample id"] = [f"S-{row}" for row in rows]
    cells["running"] = [str(1000 + row) for row in rows]
    cells["shuffled"] = [str((17 * row) % n) for row in rows]
    cells["ICSD number"] = [str(9871 * row) for row in rows]
    cells["comment"] = [f"remark {row // 2} of the {row}th sample" for row in rows]
    cells["laboratory"] = "here"
    cells["zero"] = "0"
    cells["empty"] = ""
    assert usable_columns(cells, leave_out={"formula"}) == (
        ("temperature", "hardness", "grade"),
        ("flag", "route"),
    )


def test_a_column_with_words_among_its_numbers_is_still_one_of_numbers() -> None:
    cells = frame(temperature=["300", "room temperature", "350.5", "400", "n/a"] * 4)
    assert usable_columns(cells, leave_out=()) == (("temperature",), ())


def test_a_large_table_is_recognised_quickly_by_rows_spread_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brnet.materials.inputs.own.SAMPLED_ROWS", 10)
    cells = frame(route=["cast"] * 500 + ["rolled"] * 500, running=[str(row) for row in range(1000)])
    assert usable_columns(cells, leave_out=()) == ((), ("route",))


def test_the_columns_of_a_real_table_of_fractions_are_numbers(shared_data: Path) -> None:
    cells = pd.read_csv(shared_data / "ibrnet_sample" / "train.csv", dtype=str, keep_default_na=False)
    numbers, categories = usable_columns(cells, leave_out={"pretty_comp"})
    assert {"Fe", "O"} <= set(numbers)
    assert not {"He"} & {*numbers, *categories}
    encoding = fit_encoding(cells, numbers=numbers, categories=categories)
    assert encoding.encode(cells)[:, numbers.index("O")].max() <= 1


def test_no_rows_have_no_usable_columns() -> None:
    assert usable_columns(frame(a=[], b=[]), leave_out=()) == ((), ())


@pytest.mark.parametrize("kind", ["one text", "two labels", "texts", "numbers", "running"])
def test_columns_of_a_wide_table_are_told_apart_in_seconds(kind: str) -> None:
    numbers = np.random.default_rng(0).integers(0, 10**6, (500, 2_000))
    cells, found = {
        "one text": (np.full(numbers.shape, "lorem ipsum"), (0, 0)),
        "two labels": (np.where(numbers % 2, " no ", "Yes"), (0, 2_000)),
        "texts": (np.char.add("w", numbers.astype(str)), (0, 0)),
        "numbers": ((numbers / 1_000).astype(str), (2_000, 0)),
        "running": (np.add.outer(np.arange(500), np.arange(2_000)).astype(str), (0, 0)),
    }[kind]
    table = pd.DataFrame(cells.astype(object), columns=[f"c{n}" for n in range(2_000)])
    begin = time.process_time()
    numeric, categories = usable_columns(table, leave_out=())
    assert time.process_time() - begin < 5  # measured: 0.1 to 1 s
    assert (len(numeric), len(categories)) == found


def test_a_rare_value_is_found_and_chance_makes_no_running_numbers_where_few_rows_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("brnet.materials.inputs.own.SAMPLED_CELLS", 20)
    n = 1_000
    cells = frame(
        rare=["0"] * (n - 2) + ["0.5", "0"],
        running=[str((617 * row) % n) for row in range(n)],
        gaps=["" if row % 3 else str(row) for row in range(n)],
        chance=[str((617 * row) % (n - 100)) for row in range(n)],
    )
    assert usable_columns(cells, leave_out=()) == (("rare", "chance"), ())
