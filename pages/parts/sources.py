"""The ways to a table: upload, paste, a public dataset, the example, one that is here already."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from brnet.errors import BrnetError
from brnet.materials.public import catalog
from brnet.materials.public.catalog import PublicDataset
from brnet.materials.tables.files import SUFFIXES, read_pasted
from brnet.runs import store
from brnet.settings import settings
from brnet.views import words
from pages.parts import databases, questions, resources, state

PASTED = "pasted table.csv"


def draw(*, folded: bool) -> None:
    """Ways to a table, the person's own first; folded away while a table is open."""
    with st.expander("Bring a table", expanded=not folded):
        own, other = st.columns(2, gap="large")
        with own:
            _own_file()
            with st.container(horizontal=True):
                _paste()
                st.button(
                    "Use the example", key="use_example", on_click=_take_example, icon=":material/science:"
                )
        with other:
            _public()
            with st.container(horizontal=True, vertical_alignment="bottom"):
                databases.draw(take)
                _stored()


def how_it_looks() -> None:
    """What a table should look like, before there is one."""
    st.space("small")
    st.markdown(
        "A table needs a header and one column of values to learn. Materials are a column of formulas, or "
        "one column for each element or oxide in at %, wt % or mol %; any other columns of numbers or "
        "categories can be inputs too. Decimals, brackets, hydrates, subscripts and alloys such as "
        "`Fe-18Cr-8Ni wt%` are read. A unit in the header counts."
    )
    formulas, amounts = st.columns(2)
    formulas.code("formula,band gap (eV)\nGaN,3.4\nLi0.5CoO2,0\nCuSO4·5H2O,2.1", language=None)
    amounts.code(
        "Cr (wt%),Ni (wt%),Fe (wt%),route,yield strength (MPa)\n18,8,74,cast,215\n"
        "13,0,87,forged,345\n17,12,71,forged,205",
        language=None,
    )


def open_table(dataset_id: str) -> None:
    """Show this table, as it announces itself."""
    state.put(_question={"dataset": dataset_id})
    state.put_url(**dict.fromkeys(questions.URL_WORDS, "") | {"dataset": dataset_id})


def close() -> None:
    """Show no table."""
    state.put(_question={})
    state.put_url(**dict.fromkeys(questions.URL_WORDS, ""))


def take(data: bytes, *, name: str, source: str = "upload", replaces: str = "") -> None:
    """Keep what was brought and open it; what cannot be read is said and never kept."""
    try:
        open_table(store.put_table(data, name=name, source=source, replaces=replaces))
    except BrnetError as error:
        state.tell(str(error), error=True)


def _own_file() -> None:
    st.file_uploader(
        "Upload a table: CSV, Excel, JSON or Parquet",
        type=list(SUFFIXES),
        key="upload",
        on_change=_uploaded,
        max_upload_size=max(1, settings().max_upload_bytes // 2**20),
        help="Also compressed with gzip or zip.",
    )
    st.caption(
        ":material/visibility: Everyone who can open this page can see, use and delete tables brought here."
    )


def _uploaded() -> None:
    file = state.get("upload")
    if file is not None:
        take(file.getvalue(), name=file.name)


def _paste() -> None:
    with st.popover("Paste a table", icon=":material/content_paste:", key="paste"):
        st.text_area(
            "Rows as copied from a spreadsheet or a paper",
            key="pasted",
            height=200,
            placeholder="GaN\t3.4\nGaAs\t1.42\nZnO\t3.3",
        )
        st.button("Use this table", key="use_pasted", on_click=_take_pasted, type="primary")


def _take_pasted() -> None:
    try:
        table = read_pasted(state.get("pasted", ""))
    except BrnetError as error:
        state.tell(str(error), error=True)
        return
    take(table.to_csv(), name=PASTED)


def _take_example() -> None:
    open_table(resources.example())


def _public() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Or a public dataset",
            list(catalog.CATALOG),
            format_func=lambda name: f"{catalog.CATALOG[name].title} ({catalog.CATALOG[name].rows:,} rows)",
            key="public",
        )
        st.button("Fetch", key="fetch", on_click=_wish_public)
    chosen = catalog.CATALOG[state.get("public")]
    st.caption(chosen.terms)
    if state.get("_fetch") == chosen.name:
        state.put(_fetch="")
        _fetch(chosen)


def _wish_public() -> None:
    """Downloading is drawn, so it waits for the page."""
    state.put(_fetch=state.get("public"))


def _fetch(public: PublicDataset) -> None:
    bar = st.progress(0.0, text=f"Fetching {public.title} …")
    try:
        data = catalog.fetch(
            public,
            cache=settings().home / "downloads",
            progress=lambda share: _show(bar, share, f"Fetching {public.title}: {share:.0%}"),
        )
        dataset_id = store.put_table(
            data, name=f"{public.name}.csv", source=public.citation, licence=public.licence
        )
    except BrnetError as error:
        bar.empty()
        st.error(str(error))
        return
    bar.empty()
    open_table(dataset_id)
    st.rerun()


def _show(bar: DeltaGenerator, share: float, text: str) -> None:
    bar.progress(share, text=text)


def _stored() -> None:
    kept = {table.id: table for table in store.list_tables()}
    if kept:
        st.selectbox(
            "Or one that is here already",
            list(kept),
            index=None,
            format_func=lambda dataset_id: f"{kept[dataset_id].name}, {words.ago(kept[dataset_id].created)}",
            key="stored",
            on_change=_take_stored,
            placeholder="Tables stored on this server",
            label_visibility="collapsed",
        )


def _take_stored() -> None:
    if chosen := state.get("stored"):
        open_table(chosen)
