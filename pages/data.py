"""Data: bring a table, see what was recognised in it and which rows are left out and why."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.materials import catalog
from brnet.materials.dataset import Dataset, dropped_csv
from brnet.materials.files import read_table
from brnet.runs import store
from brnet.settings import settings
from brnet.views import figures, tables, words
from pages.parts import inputs, questions, reports, resources, state

SHOWN_NOTES = 20


def _uploaded() -> None:
    """Read a new upload at once, so that a table that cannot be read is never kept."""
    file = state.get("upload")
    if file is None:
        return
    try:
        data = file.getvalue()
        read_table(data, name=file.name)
        _open(store.put_table(data, name=file.name))
    except BrnetError as error:
        state.tell(str(error), error=True)


def _take_example() -> None:
    _open(resources.example())


def _take_stored() -> None:
    if chosen := state.get("stored"):
        _open(chosen)


def _take_public() -> None:
    public = catalog.CATALOG[state.get("public")]
    try:
        data = catalog.fetch(public, cache=settings().home / "downloads")
        _open(
            store.put_table(data, name=f"{public.name}.csv", source=public.citation, licence=public.licence)
        )
    except BrnetError as error:
        state.tell(str(error), error=True)


def _open(dataset_id: str) -> None:
    state.put(_question={"dataset": dataset_id})
    state.put_url(**dict.fromkeys(questions.URL_WORDS, "") | {"dataset": dataset_id})


def sources() -> None:
    """Four ways to a table."""
    own, other = st.columns(2, gap="large")
    own.file_uploader(
        "Upload a CSV with a column of formulas and a column of values",
        type=["csv", "tsv", "txt"],
        key="upload",
        on_change=_uploaded,
    )
    with other:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Or a public dataset",
                list(catalog.CATALOG),
                format_func=lambda name: (
                    f"{catalog.CATALOG[name].title} ({catalog.CATALOG[name].rows:,} rows)"
                ),
                key="public",
            )
            st.button("Fetch", key="fetch", on_click=_take_public)
        st.caption(_terms(catalog.CATALOG[state.get("public")]))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button("Use the example", key="use_example", on_click=_take_example, icon=":material/science:")
            _stored()


def how_it_looks() -> None:
    """What a table should look like, before there is one."""
    st.space("small")
    st.markdown(
        "A table needs a header, one column of formulas and at least one column of values; other columns may "
        "stay. Decimals, brackets, hydrates and subscripts are read. A unit in the header counts."
    )
    st.code("formula,band gap (eV)\nGaN,3.4\nLi0.5CoO2,0\nCuSO4·5H2O,2.1", language=None)


def _terms(public: catalog.PublicDataset) -> str:
    return f"{public.quantity.axis}. {public.citation}. Licence: {public.licence}."


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


def recognised(question: questions.Question) -> None:
    """What the table is taken for, what is left out, and the way on."""
    table = resources.table(question.dataset)
    st.subheader(table.name, anchor=False)
    question = questions.edit(question)
    questions.remember(question)
    rows = resources.dataset(
        question.dataset, question.formula_column, question.target, question.task, inputs.FIRST_FEATURES
    )
    _counts(rows)
    if st.button("Train on this", type="primary", icon=":material/model_training:", key="train_on_this"):
        st.switch_page("train.py", query_params=question.words)
    st.space("small")
    _pictures(question, rows)
    _left_out(rows)
    _notes(rows)
    with st.expander("First rows as they stand in the file", key="first_rows"):
        st.dataframe(table.frame.head(20), key="head")


def _counts(rows: Dataset) -> None:
    elements = {element for composition in rows.compositions for element in composition.elements}
    formulas = {composition.reduced for composition in rows.compositions}
    with st.container(horizontal=True):
        st.metric("Rows to learn from", f"{len(rows):,}", border=True)
        st.metric("Rows left out", f"{len(rows.dropped):,}", border=True)
        st.metric("Different compositions", f"{len(formulas):,}", border=True)
        st.metric("Elements", len(elements), border=True)


def _pictures(question: questions.Question, rows: Dataset) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{words.sentence_case(question.quantity.label)}**")
        reports.chart(
            figures.histogram(rows.values, question.quantity, classes=rows.classes), key="histogram"
        )
    with right:
        st.markdown("**Elements**")
        coverage = resources.coverage(
            question.dataset, question.formula_column, question.target, question.task, inputs.FIRST_FEATURES
        )
        reports.chart(coverage, key="coverage")
        st.caption(
            "Darker: in more rows (logarithmic). Grey: in none, so a model will warn when asked about it."
        )


def _left_out(rows: Dataset) -> None:
    if not rows.dropped:
        st.caption(":material/check: Every row can be learned from.")
        return
    st.markdown(f"**{words.count(len(rows.dropped), 'row')} left out**")
    st.dataframe(
        tables.dropped(rows.dropped),
        key="dropped",
        hide_index=True,
        column_config={
            "line": st.column_config.NumberColumn("line", format="%d", width=70),
            "formula": st.column_config.TextColumn("formula", width=230),
            "reason": st.column_config.TextColumn("reason", width=720),
        },
    )
    st.download_button(
        "Rows left out as CSV",
        dropped_csv(rows),
        file_name="rows-left-out.csv",
        mime="text/csv",
        key="download_dropped",
        icon=":material/download:",
        on_click="ignore",
    )


def _notes(rows: Dataset) -> None:
    if not rows.notes:
        return
    with st.expander(f"{words.count(len(rows.notes), 'note')} on how formulas were read", key="notes"):
        for note in rows.notes[:SHOWN_NOTES]:
            st.markdown(f"- {note}")
        if len(rows.notes) > SHOWN_NOTES:
            st.caption(f"and {len(rows.notes) - SHOWN_NOTES:,} more of the same kind")


st.title("Data", anchor=False)
state.show_told()
try:
    sources()
    if question := questions.from_address():
        st.divider()
        recognised(question)
    else:
        how_it_looks()
except BrnetError as error:
    st.error(str(error))
