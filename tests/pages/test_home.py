"""Home: an answer is there already, the example is one click from training."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from brnet.runs import database

OpenPage = Callable[..., AppTest]


def test_the_formula_box_is_filled(open_page: OpenPage) -> None:
    assert open_page("home").text_input(key="formula").value == "GaN"


def test_a_model_answers_with_value_unit_and_interval(
    open_page: OpenPage, published: str, said: Callable[[AppTest], str]
) -> None:
    text = said(open_page("home", formula="TiAl3"))
    assert "kJ/mol" in text
    assert "90 % interval" in text


def test_a_text_that_is_no_formula_is_refused_with_the_reason(
    open_page: OpenPage, published: str, said: Callable[[AppTest], str]
) -> None:
    assert "is not an element" in said(open_page("home", formula="Xx2"))


def test_one_click_queues_the_example_and_opens_its_run(open_page: OpenPage) -> None:
    at = open_page("home")
    at.button(key="train_example").click().run()
    (run,) = database.list_runs()
    assert at.query_params["run"] == run.id
    assert at.title[0].value == run.title


def test_a_second_click_opens_the_run_that_is_queued_already(open_page: OpenPage) -> None:
    for _ in range(2):
        open_page("home").button(key="train_example").click().run()
    assert len(database.list_runs()) == 1


def test_recent_runs_are_listed_with_their_state(
    open_page: OpenPage, ask: Callable[..., str], said: Callable[[AppTest], str]
) -> None:
    ask()
    text = said(open_page("home"))
    assert "queued" in text
    assert "number 1 in the queue" in text
