"""Models: cards of the shelf; one's own can be taken off."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from brnet.zoo import shelf

OpenPage = Callable[..., AppTest]
Said = Callable[[AppTest], str]


def test_a_published_model_has_a_card_with_its_score_and_rows(
    open_page: OpenPage, published: str, said: Said
) -> None:
    text = said(open_page("models"))
    assert "alloys" in text
    assert "(held-out formulas)" in text


def test_its_details_show_how_to_rebuild_it(open_page: OpenPage, published: str, said: Said) -> None:
    at = open_page("models", model=published)
    assert not at.exception
    assert "brnet train" in said(at)


def test_ones_own_model_can_be_taken_off_the_shelf(open_page: OpenPage, published: str, said: Said) -> None:
    at = open_page("models", model=published)
    at.button(key="remove").click().run()
    assert published not in shelf.shelf()
    assert "alloys is off the shelf." in said(at)


def test_a_model_that_is_not_there_is_named(open_page: OpenPage, said: Said) -> None:
    assert "There is no model 'nothing'" in said(open_page("models", model="nothing"))
