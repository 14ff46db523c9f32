"""Look up: typed formulas and whole tables, each row answered or refused."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

OpenPage = Callable[..., AppTest]


def test_typed_formulas_are_answered_in_order(open_page: OpenPage, published: str) -> None:
    at = open_page("lookup", models=published, formulas="TiAl3\nFeAl, Xx2")
    frame = at.dataframe[0].value
    assert list(frame["formula"]) == ["TiAl3", "FeAl", "Xx2"]
    assert frame["value"].notna().tolist() == [True, True, False]
    assert (frame["90 % from"] <= frame["value"])[:2].all()
    assert "is not an element" in frame["refused because"][2]


def test_a_whole_table_keeps_its_columns_and_its_refused_rows(open_page: OpenPage, published: str) -> None:
    at = open_page("lookup", models=published)
    table = b"sample,formula,note\nA1,TiAl3,=2+2\nA2,Xx2,bad\n"
    at.file_uploader(key="batch").set_value(("mine.csv", table, "text/csv")).run()
    assert not at.exception
    frame = next(element.value for element in at.dataframe if "sample" in element.value.columns)
    assert list(frame.columns[:3]) == ["sample", "formula", "note"]
    assert list(frame["sample"]) == ["A1", "A2"]
    assert "is not an element" in frame["refused"].iloc[1]


def test_a_first_model_is_chosen_and_named_in_the_address(open_page: OpenPage, published: str) -> None:
    at = open_page("lookup")
    assert at.multiselect(key="models").value
    assert at.query_params["models"] == ",".join(at.multiselect(key="models").value)


def test_formulas_without_a_model_ask_for_one(open_page: OpenPage, published: str) -> None:
    at = open_page("lookup")
    at.multiselect(key="models").set_value([]).run()
    assert not at.exception
    assert not at.dataframe
