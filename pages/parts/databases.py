"""Tables asked of databases of materials that speak OPTIMADE, such as the Materials Project."""

from typing import Protocol

import streamlit as st

from brnet.errors import BrnetError
from brnet.materials.public.providers import EXAMPLE, MOST_ROWS, PROVIDERS, fetch_optimade
from pages.parts import resources, state


class Take(Protocol):
    """What is done with a table that was fetched."""

    def __call__(self, data: bytes, *, name: str, source: str) -> None: ...


def draw(take: Take) -> None:
    """A question to a database: which structures, which of their properties."""
    with st.popover("Ask a database", icon=":material/database:", key="databases"):
        provider = st.selectbox(
            "Database", list(PROVIDERS), format_func=lambda name: PROVIDERS[name].title, key="provider"
        )
        st.caption(f"Citation and terms: {PROVIDERS[provider].home}")
        condition = st.text_input(
            "Structures for which", value=EXAMPLE, key="condition", help="A filter in OPTIMADE's language."
        )
        st.button("See what it offers", key="see_offer", on_click=lambda: state.put(_provider=provider))
        if state.get("_provider") != provider:
            return
        try:
            offered = resources.offered(provider)
        except BrnetError as error:
            st.error(str(error))
            return
        chosen = st.multiselect(
            "Properties",
            list(offered),
            format_func=lambda name: f"{name} ({offered[name]})" if offered[name] else name,
            key="properties",
        )
        if st.button("Fetch", key="fetch_database", type="primary", disabled=not chosen):
            _fetch(provider, condition, chosen, take)


def _fetch(provider: str, condition: str, properties: list[str], take: Take) -> None:
    title = PROVIDERS[provider].title
    bar = st.progress(0.0, text=f"Asking {title} …")

    def show(share: float) -> None:
        bar.progress(share, text=f"Asking {title}: {share:.0%} of at most {MOST_ROWS:,} rows")

    try:
        data = fetch_optimade(provider, filter=condition, properties=properties, progress=show)
    except BrnetError as error:
        st.error(str(error))
        return
    take(data, name=f"{provider}.csv", source=f"{title}, {PROVIDERS[provider].home}, where {condition}")
    st.rerun()
