"""How rows can be held back, what that asks of a model, and what a random split would flatter."""

import streamlit as st

from brnet.materials.dataset import Dataset
from brnet.materials.splits.rules import split
from brnet.views import tables
from pages.parts import inputs, resources, state
from pages.parts.questions import Question

SEED = 0


def draw(question: Question, rows: Dataset) -> None:
    """Choose a rule, see its parts, ask what it is worth."""
    rule, held_out = inputs.splitting(question)
    parts = split(rows, rule=rule, seed=SEED, held_out=held_out)
    st.dataframe(tables.parts(rows, parts), key="parts", hide_index=True, width="content")
    st.caption(f"{parts.note} With seed {SEED}; the choice goes along to the Train page.".lstrip())
    _optimism(question, rule, held_out)


def _optimism(question: Question, rule: str, held_out: str) -> None:
    """The same baseline under a random split and under this one, when somebody asks."""
    asked = (question.dataset, question.reading.model_dump_json(), rule, held_out)
    st.button(
        "How much would a random split flatter?",
        key="ask_optimism",
        icon=":material/balance:",
        on_click=lambda: state.put(_optimism=asked),
        help="Fits the same baseline under both splits; takes some seconds.",
        disabled=rule == "random",
    )
    if state.get("_optimism") != asked or rule == "random":
        return
    features = resources.first_features(question.reading)
    found = resources.optimism(question.dataset, question.reading, features, rule, held_out)
    st.info(found.sentence(question.quantity), icon=":material/balance:")
