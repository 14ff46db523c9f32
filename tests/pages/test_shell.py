"""Every page opens directly on a fresh server, through the shell."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

PAGES = ("home", "data", "train", "runs", "compare", "lookup", "models")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_on_a_fresh_server(open_page: Callable[..., AppTest], name: str) -> None:
    at = open_page(name)
    assert not at.exception
    assert not at.error
    assert at.title
