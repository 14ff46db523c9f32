"""Train: the size of the network is exact, a question asked before is not asked again unseen."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from brnet.models.architecture import ARCHITECTURES
from brnet.models.budget import size
from brnet.runs import database

OpenPage = Callable[..., AppTest]


def _count(at: AppTest) -> str:
    return next(metric.value for metric in at.metric if metric.label == "Trainable parameters")


def test_the_count_is_that_of_the_budget_solver(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys)
    expected = size(ARCHITECTURES["BRNet"], n_inputs=231, parameters=200_000).n_parameters
    assert _count(at) == f"{expected:,}"


def test_published_widths_give_the_published_count(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys, size="published", features="ef")
    assert _count(at) == "4,548,385"


def test_a_budget_that_is_too_small_is_refused_with_the_least(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys)
    at.number_input(key="exact").set_value(100).run()
    assert "100" in at.error[0].value
    assert not at.exception


def test_the_layers_are_drawn(open_page: OpenPage, alloys: str) -> None:
    assert open_page("train", dataset=alloys).get("plotly_chart")


def test_training_queues_the_question_that_was_shown(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys, architecture="IRNet-17", seed="3")
    at.button(key="train").click().run()
    (run,) = database.list_runs()
    assert (run.experiment.architecture, run.experiment.seed) == ("IRNet-17", 3)
    assert (run.experiment.dataset, run.experiment.quantity.unit) == (alloys, "kJ/mol")
    assert at.query_params["run"] == run.id


def test_a_question_answered_before_offers_its_run(
    open_page: OpenPage, trained: dict[str, str], alloys: str
) -> None:
    at = open_page("train", dataset=alloys, epochs="3", exact="10000")
    at.multiselect(key="baselines").set_value(["mean", "ridge"]).run()
    assert at.button(key="train").label == "Train again"
    assert any(trained["first"] in str(link.proto) for link in at.get("page_link"))


def test_no_inputs_are_refused_with_a_sentence(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys)
    at.multiselect(key="features").set_value([]).run()
    assert "input" in at.error[0].value.lower() or "feature" in at.error[0].value.lower()
    assert not at.exception


def test_all_folds_are_queued_at_once(open_page: OpenPage, alloys: str) -> None:
    at = open_page("train", dataset=alloys, split="folds")
    at.button(key="train_folds").click().run()
    asked = [run.experiment for run in database.list_runs()]
    assert sorted(experiment.held_out for experiment in asked) == ["1", "2", "3", "4", "5"]
    assert len({experiment.seed for experiment in asked}) == 1
