"""Runs: each state of a run is shown in words, and what can be done about it works."""

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from brnet.runs import database, jobs, store
from brnet.zoo import shelf

OpenPage = Callable[..., AppTest]
Said = Callable[[AppTest], str]
Ask = Callable[..., str]


def _charts(at: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_a_waiting_run_tells_its_place(open_page: OpenPage, ask: Ask) -> None:
    ask()
    at = open_page("runs", run=ask(seed=1))
    assert "Number 2 in the queue" in at.get("progress")[0].proto.text


def test_a_waiting_run_can_be_cancelled(open_page: OpenPage, ask: Ask, said: Said) -> None:
    run_id = ask()
    at = open_page("runs", run=run_id)
    at.button(key="cancel").click().run()
    assert database.get_run(run_id).state == "cancelled"
    assert "This run was cancelled" in said(open_page("runs", run=run_id))


def test_a_failed_run_gives_the_reason(open_page: OpenPage, ask: Ask) -> None:
    run_id = ask()
    jobs.claim(run_id, 1, "test")
    jobs.fail(run_id, 1, "All values are equal; there is nothing to learn.")
    at = open_page("runs", run=run_id)
    assert at.error[0].value == "All values are equal; there is nothing to learn."


def test_a_finished_run_shows_scores_curve_and_every_test_row(
    open_page: OpenPage, trained: dict[str, str]
) -> None:
    run_id = trained["first"]
    at = open_page("runs", run=run_id)
    report = database.report_of(run_id)
    assert report is not None
    assert not at.exception
    (network,) = (frame.value for frame in at.dataframe if "BRNet" in list(frame.value.get("model", [])))
    assert set(network["model"]) == {"BRNet", "Training mean", "Ridge regression"}
    drawn = [trace for chart in _charts(at) for trace in chart["data"]]
    assert max(len(t["x"]) for t in drawn if t.get("name") == "test row") == report.n_test
    assert max(len(t["x"]) for t in drawn if t.get("name") == "training") == 3


def test_what_a_finished_run_says_leaves_with_it(open_page: OpenPage, trained: dict[str, str]) -> None:
    at = open_page("runs", run=trained["first"])
    assert {"report.json", "predictions.csv"} <= {button.proto.label for button in at.get("download_button")}
    assert any(code.value.startswith("brnet train") for code in at.code)


def test_a_finished_run_is_published_and_then_answers(
    open_page: OpenPage, trained: dict[str, str], said: Said
) -> None:
    at = open_page("runs", run=trained["first"])
    at.text_input(key="publish_name").set_value("my-alloys")
    at.button(key="publish").click().run()
    assert "my-alloys" in shelf.shelf()
    assert "my-alloys is on the shelf" in said(at)


def test_a_name_that_cannot_be_is_refused_with_the_reason(
    open_page: OpenPage, trained: dict[str, str]
) -> None:
    at = open_page("runs", run=trained["first"])
    at.text_input(key="publish_name").set_value("../evil")
    at.button(key="publish").click().run()
    assert "cannot name a model" in at.error[0].value


def test_a_run_that_is_not_here_is_named(open_page: OpenPage) -> None:
    assert "There is no run 'nothing2'" in open_page("runs", run="nothing2").error[0].value


def test_a_deleted_run_is_gone_from_the_list(
    open_page: OpenPage, trained: dict[str, str], said: Said
) -> None:
    run_id = trained["first"]
    at = open_page("runs", run=run_id)
    at.button(key="delete").click().run()
    assert run_id not in {run.id for run in database.list_runs()}
    assert "The run is deleted." in said(at)
    assert not store.run_folder(run_id).exists()
