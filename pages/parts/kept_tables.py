"""A stored table: where it came from, its versions, the runs made from it, its way out."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.materials.dataset import Dataset
from brnet.materials.tables.files import SUFFIXES
from brnet.runs import database, store
from brnet.runs.database import Run
from brnet.views import words
from pages.parts import reports, resources, runs, sources, state
from pages.parts.questions import Question

HEAD_ROWS = 20
MOST_RUNS = 50


def newer_version(question: Question) -> None:
    """A word at the top where this table has been replaced."""
    newest = store.versions(question.dataset)[0]
    if newest.id != question.dataset:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"A newer version is here: {newest.name}, {words.ago(newest.created)}.")
            reports.way("Open it", "data.py", key="open_newest", dataset=newest.id)


def draw(question: Question, rows: Dataset) -> None:
    """Everything about the table as such."""
    facts = store.get_facts(question.dataset)
    _facts(facts)
    _exports(question, rows)
    read, raw = st.columns(2, gap="large")
    with read:
        st.markdown("**As it is learned from**")
        st.dataframe(rows.as_table().frame.head(HEAD_ROWS), key="cleaned_head", hide_index=True)
    with raw:
        st.markdown("**As it stands in the file**, each row under its line")
        st.dataframe(resources.table(question.dataset).frame.head(HEAD_ROWS), key="head")
    left, right = st.columns(2, gap="large")
    with left:
        _versions(question)
    with right:
        _runs(question)
    _delete(facts)


def _facts(facts: store.StoredTable) -> None:
    st.markdown(
        f"Brought {words.ago(facts.created)} ({words.sentence_case(facts.source)}"
        f"{f', licence: {facts.licence}' if facts.licence else ''}), {facts.n_bytes:,} bytes. Everyone who "
        "can open this page can see it."
    )
    st.caption(f"Content hash {facts.id}: the same cells have the same hash in every file format.")


def _exports(question: Question, rows: Dataset) -> None:
    stem = rows.name.rsplit(".", 1)[0]
    with st.container(horizontal=True):
        st.download_button(
            "Cleaned rows as CSV",
            lambda: rows.as_table().to_csv(),
            file_name=f"{stem}-cleaned.csv",
            mime="text/csv",
            key="download_cleaned",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "The whole table as CSV",
            lambda: resources.table(question.dataset).to_csv(),
            file_name=f"{stem}.csv",
            mime="text/csv",
            key="download_whole",
            icon=":material/download:",
            on_click="ignore",
        )


def _versions(question: Question) -> None:
    st.markdown("**Versions**")
    family = store.versions(question.dataset)
    for number, version in zip(range(len(family), 0, -1), family, strict=True):
        label = f"Version {number}: {version.name}, {words.ago(version.created)}"
        if version.id == question.dataset:
            st.markdown(f"{label} (this one)")
        else:
            reports.way(label, "data.py", key=f"version_{version.id}", dataset=version.id)
    st.file_uploader(
        "Upload a new version",
        type=list(SUFFIXES),
        key="new_version",
        on_change=_replaced,
        args=(question.dataset,),
        help="The runs of this version stay and can be trained again on the new one.",
    )


def _replaced(dataset_id: str) -> None:
    file = state.get("new_version")
    if file is not None:
        sources.take(file.getvalue(), name=file.name, replaces=dataset_id)


def _runs(question: Question) -> None:
    """Runs of this table and of its other versions, which can be repeated on this one."""
    st.markdown("**Runs**")
    family = [version.id for version in store.versions(question.dataset)]
    found = database.list_runs(MOST_RUNS, datasets=family)
    if not found:
        st.caption("None yet.")
    for run in found:
        runs.line(run)
        if run.experiment.dataset != question.dataset:
            st.button(
                "Train it again on this version",
                key=f"again_{run.id}",
                icon=":material/replay:",
                on_click=_train_again,
                args=(run, question),
            )


def _train_again(run: Run, question: Question) -> None:
    """The same question of the other version, if it has the columns."""
    experiment = run.experiment.model_copy(update={"dataset": question.dataset})
    lacking = {experiment.target, *experiment.input_columns} - set(resources.table(question.dataset).frame)
    if lacking:
        state.tell(
            f"This version has no column {min(lacking)!r}, which the run learned from; train it from the "
            "Train page instead.",
            error=True,
        )
        return
    name = store.get_facts(question.dataset).name
    run_id = database.submit(experiment, dataset_name=name)
    state.tell(f"Run {run_id} is in the queue: {words.network(experiment)} on this version.")


def _delete(facts: store.StoredTable) -> None:
    with st.popover("Delete this table", icon=":material/delete:", key="delete_table"):
        st.markdown(
            "Its rows are removed from this server for everyone. Runs and models made from it stay, but can "
            "no longer be trained again on it."
        )
        st.button("Delete for good", key="delete_for_good", type="primary", on_click=_deleted, args=(facts,))


def _deleted(facts: store.StoredTable) -> None:
    waiting = [run for run in database.list_runs(MOST_RUNS, datasets=[facts.id]) if run.active]
    if waiting:
        state.tell(
            f"{words.count(len(waiting), 'run')} of {facts.name} still wait or train; cancel or await them.",
            error=True,
        )
        return
    try:
        store.delete_table(facts.id)
    except BrnetError as error:
        state.tell(str(error), error=True)
        return
    resources.forget_table(facts.id)
    state.tell(f"{facts.name} was deleted.")
    sources.close()
