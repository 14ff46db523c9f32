"""Values come one by one from a text of any length, within limits."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brnet.materials.public import json_stream
from brnet.materials.public.json_stream import JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.lists(VALUES)), piece=st.integers(min_value=1, max_value=50))
def test_what_was_written_is_read(values: list, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "PIECE_CHARACTERS", piece)
        stream, found = JsonStream(io.StringIO(json.dumps(values))), []
        stream.expect("[")
        while not stream.meets("]"):
            found.append(stream.value())
    assert found == values


def test_a_text_that_ends_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match="it ends too early"):
        JsonStream(io.StringIO('["a", ')).value()


def test_a_value_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "PIECE_CHARACTERS", 100)
    monkeypatch.setattr(json_stream, "MOST_PENDING", 1000)
    with pytest.raises(ValueError, match="it is too large"):
        JsonStream(io.StringIO('"' + "a" * 10_000)).value()


def test_a_text_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "PIECE_CHARACTERS", 100)
    monkeypatch.setattr(json_stream, "MOST_CHARACTERS", 1000)
    with pytest.raises(ValueError, match="it is too large"):
        JsonStream(io.StringIO(" " * 10_000)).value()


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        JsonStream(io.StringIO("[" * 100_000)).value()
