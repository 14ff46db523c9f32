"""Data: bring a table, see what was recognised, what cleaning did and how the rows can be held back."""

import streamlit as st

from brnet.errors import BrnetError, NotFoundError
from brnet.materials.dataset import Dataset
from brnet.materials.profile import Profile
from pages.parts import (
    cleaned,
    held_back,
    kept_tables,
    profiles,
    question_form,
    questions,
    resources,
    sources,
    state,
)

VIEWS = ("Profile", "Cleaning", "Split", "Table")


def recognised(question: questions.Question) -> None:
    """What the table is taken for, what is in it, and the way on."""
    name = resources.table(question.dataset).name
    st.subheader(name, anchor=False)
    kept_tables.newer_version(question)
    if doubt := questions.doubt(question):
        st.warning(doubt)
    question = question_form.edit(question)
    questions.remember(question)
    features = resources.first_features(question.reading)
    with st.spinner("Reading and counting …", show_time=True):
        rows = resources.dataset(question.dataset, question.reading, features)
        profile = resources.profile(question.dataset, question.reading, features)
    counts(rows, profile)
    if st.button("Train on this", type="primary", icon=":material/model_training:", key="train_on_this"):
        st.switch_page("train.py", query_params=question.words | state.kept("split", "held_out"))
    st.space("small")
    views(question, rows, profile)


def counts(rows: Dataset, profile: Profile) -> None:
    with st.container(horizontal=True):
        st.metric("Rows to learn from", f"{len(rows):,}", border=True)
        st.metric("Rows left out", f"{len(rows.dropped):,}", border=True)
        if profile.chemistry:
            st.metric("Different compositions", f"{profile.chemistry.repeats.compositions:,}", border=True)
            st.metric("Elements", len(profile.chemistry.elements), border=True)


def views(question: questions.Question, rows: Dataset, profile: Profile) -> None:
    """One view at a time: each is made when it is opened."""
    tabs = st.tabs(VIEWS, key="view", on_change="rerun", bind="query-params")
    for tab, draw in zip(
        tabs,
        (
            lambda: profiles.draw(question, rows, profile),
            lambda: cleaned.draw(rows),
            lambda: held_back.draw(question, rows),
            lambda: kept_tables.draw(question, rows),
        ),
        strict=True,
    ):
        if tab.open:
            with tab:
                draw()


def asked() -> questions.Question | None:
    """The question of the address; of a table that is gone, a word, and the way to another stays open."""
    try:
        return questions.from_address()
    except NotFoundError as error:
        st.error(str(error))
        sources.close()
        return None


st.title("Data", anchor=False)
state.show_told()
try:
    question = asked()
    sources.draw(folded=question is not None)
    if question:
        recognised(question)
    else:
        sources.how_it_looks()
except BrnetError as error:
    st.error(str(error))
