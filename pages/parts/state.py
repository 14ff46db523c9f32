"""What a session and its address remember; the only file that touches st.session_state."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

_FLASH = "_flash"


def seed(key: str, value: Any) -> None:
    """Give a widget its first value, once."""
    if key not in st.session_state:
        st.session_state[key] = value


def put(**values: Any) -> None:
    """Give widgets these values; only before they are drawn, or in a callback."""
    st.session_state.update(values)


def get(key: str, default: Any = None) -> Any:
    return st.session_state.get(key, default)


def changed(name: str, value: Any) -> bool:
    """Whether `value` differs from the one seen at the last call with this name."""
    before = st.session_state.get(f"_{name}")
    st.session_state[f"_{name}"] = value
    return before != value


def url(name: str, default: str = "") -> str:
    """A word of the page's address."""
    return st.query_params.get(name, default)


def put_url(**words: str) -> None:
    """Write words into the page's address; an empty one is taken out."""
    for name, word in words.items():
        if word and st.query_params.get(name) != word:
            st.query_params[name] = word
        elif not word and name in st.query_params:
            del st.query_params[name]


def choice(key: str, options: Sequence[Any], default: Any) -> None:
    """Tie a selection to the word of that name in the address; the default is left out there.

    Streamlit's own binding writes labels into the address; names are shorter and outlive a new wording.
    """
    named = {str(option): option for option in options}
    _tie(key, lambda word: named.get(word, default), lambda value: "" if value == default else str(value))


def choices(
    key: str, options: Sequence[str], default: Sequence[str], *, always: bool = False
) -> tuple[str, ...]:
    """The same for a selection of several, with commas between the names; `always` writes the default too.

    Gives the names in the address that are no option: they are left out, and the page should say so.
    """
    named = tuple(name for name in url(key).split(",") if name)
    _tie(
        key,
        lambda word: [name for name in word.split(",") if name in options] if word else list(default),
        lambda value: "" if list(value) == list(default) and not always else ",".join(value),
    )
    return tuple(name for name in named if name not in options)


def text(key: str, default: str) -> None:
    """The same for a text."""
    _tie(key, lambda word: word or default, lambda value: "" if value == default else str(value))


def kept(*keys: str) -> dict[str, str]:
    """The words of these widgets for the address of another page; what was never chosen is left out."""
    return {key: str(word) for key in keys if (word := url(key) or st.session_state.get(f"_kept_{key}"))}


def tell(message: str, *, error: bool = False) -> None:
    """Keep a sentence for the next time the page is drawn."""
    st.session_state[_FLASH] = (message, error)


def show_told() -> None:
    """Show the kept sentence, once."""
    message, error = st.session_state.pop(_FLASH, ("", False))
    if message:
        (st.error if error else st.success)(message)


def _tie(key: str, read: Callable[[str], Any], write: Callable[[Any], str]) -> None:
    """The address sets the widget where a link or the way back changed it, else it follows the widget.

    The hand wins: a rerun that starts before the browser has taken over the last address brings an older one.
    Streamlit forgets a widget when another page is drawn; its last value is kept for the way back.
    """
    kept = f"_kept_{key}"
    linked = changed(f"address_{key}", url(key))
    if key not in st.session_state:
        back = kept in st.session_state and not url(key)
        st.session_state[key] = st.session_state[kept] if back else read(url(key))
    elif linked and st.session_state[key] == st.session_state.get(kept):
        st.session_state[key] = read(url(key))
    st.session_state[kept] = st.session_state[key]
    put_url(**{key: write(st.session_state[key])})
    changed(f"address_{key}", url(key))
