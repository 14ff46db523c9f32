"""Compare: several runs on one page, and a warning where their numbers cannot be held together."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

OpenPage = Callable[..., AppTest]


def test_two_runs_on_the_same_rows_stand_in_one_table(open_page: OpenPage, trained: dict[str, str]) -> None:
    chosen = [trained["first"], trained["wider"]]
    at = open_page("compare", runs=",".join(chosen))
    assert not at.exception
    assert not at.warning
    frame = at.dataframe[0].value
    assert list(frame["model"]).count("BRNet") == 2
    assert {"MAE (kJ/mol)", "RMSE (kJ/mol)", "R²", "parameters", "seconds"} <= set(frame.columns)


def test_runs_on_different_rows_are_warned_about(open_page: OpenPage, trained: dict[str, str]) -> None:
    at = open_page("compare", runs=",".join([trained["first"], trained["other rows"]]))
    assert "different test rows" in at.warning[0].value


def test_the_choice_is_kept_in_the_address(open_page: OpenPage, trained: dict[str, str]) -> None:
    run_id = trained["first"]
    at = open_page("compare")
    at.multiselect(key="runs").set_value([run_id]).run()
    assert at.query_params["runs"] == run_id
