"""Look up: ask chosen models about formulas, one, a list, or a whole table."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.materials.tables.files import SUFFIXES, read_table
from brnet.materials.tables.mixture import Mixture
from brnet.materials.tables.table import Table
from brnet.views import figures, tables, words
from brnet.zoo.lookup import Answer, answer_table, find_materials, look_up
from pages.parts import inputs, reports, resources, state

FIRST = "GaN, Li0.5CoO2, Fe2O3"
MOST_BARS = 40
PREVIEW = 200
NAMELESS = "these values"
RECOGNISED = "as in the model's own table, else as recognised"


def choose_models() -> list[str]:
    shelved = resources.shelved()
    # The address names even the default: the shelf changes, what a link shows should not.
    for name in state.choices("models", list(shelved), list(shelved)[:1], always=True):
        st.warning(f"There is no model {name!r} on the shelf; choose another.")
    return st.multiselect(
        "Models",
        list(shelved),
        format_func=lambda name: f"{shelved[name].title} · {shelved[name].quantity.axis}",
        key="models",
        placeholder="Choose one or more",
    )


def typed(models: list[str]) -> None:
    """Formulas typed or pasted, their answers under them."""
    asked = _formulas(models)
    own = inputs.own_columns([resources.predictor(name).own for name in models])
    if not asked or not models:
        st.caption("Choose a model and type a formula.")
        return
    given = [(name, look_up(resources.predictor(name), asked, own)) for name in models]
    frame = tables.answers([(resources.shelved()[name], answers) for name, answers in given], own)
    reports.scored(frame, key="answers")
    st.download_button(
        "Answers as CSV",
        tables.csv_bytes(frame),
        file_name="answers.csv",
        mime="text/csv",
        key="download_answers",
        icon=":material/download:",
        on_click="ignore",
    )
    for name, answers in given:
        _picture(name, answers)


def _formulas(models: list[str]) -> list[str]:
    """What is asked about; one nameless material where no chosen model sees a composition."""
    if models and not any(resources.predictor(name).features for name in models):
        return [NAMELESS]
    state.text("formulas", FIRST)
    text = st.text_area(
        "Formulas",
        key="formulas",
        height=110,
        help="One in a line, or with commas between; decimals, brackets, hydrates and alloys such as "
        "Fe-18Cr-8Ni wt% are read.",
    )
    return inputs.formulas(text or "")


def _title(name: str) -> str:
    return resources.shelved()[name].title


def _picture(name: str, answers: list[Answer]) -> None:
    """Dots with intervals, where there are a few numbers to see."""
    known = [answer for answer in answers if answer.value is not None and answer.low is not None]
    if not 2 <= len(known) <= MOST_BARS:
        return
    st.markdown(f"**{_title(name)}**")
    axis = resources.shelved()[name].quantity.axis
    reports.chart(figures.answers(known, axis=axis), key=f"intervals_{name}")


def batch(models: list[str]) -> None:
    """A table in, the same table with the answers beside every row out."""
    file = st.file_uploader(
        "A table with formulas, or with amounts of elements or oxides", type=list(SUFFIXES), key="batch"
    )
    if file is None or not models:
        st.caption(
            "Every column comes back in its order, the answers beside it; refused rows stay with the reason."
        )
        return
    table = read_table(file.getvalue(), name=file.name)
    column = _column(table)
    frame = table.frame
    for name in models:
        materials = column or find_materials(table, resources.shelved()[name].report.experiment)
        st.caption(f"{_title(name)} reads {_told(materials)}.")
        frame = answer_table(frame, materials, resources.predictor(name), model=name)
    st.caption(f"{words.count(len(frame), 'row')} answered; the first {min(PREVIEW, len(frame))} are shown.")
    st.dataframe(frame.head(PREVIEW), key="batch_answers")
    st.download_button(
        "All rows as CSV",
        tables.csv_bytes(frame),
        file_name=f"answers-{file.name}",
        mime="text/csv",
        key="download_batch",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


def _column(table: Table) -> str:
    """The column of formulas that the person names; '' leaves it to each model."""
    columns = [str(name) for name in table.frame.columns]
    chosen = st.selectbox("Formulas are in column", [RECOGNISED, *columns], key="batch_column")
    return "" if chosen == RECOGNISED else chosen


def _told(materials: str | Mixture) -> str:
    if isinstance(materials, Mixture):
        balance = f", {materials.balance} as the balance" if materials.balance else ""
        return f"amounts in {materials.unit} from {', '.join(materials.columns)}{balance}"
    return f"formulas from {materials!r}" if materials else "only its own columns"


st.title("Look up", anchor=False)
try:
    if resources.shelved():
        models = choose_models()
        by_hand, by_file = st.tabs(["Type or paste", "A whole table"], key="way")
        with by_hand:
            typed(models)
        with by_file:
            batch(models)
    else:
        st.info("No model is on the shelf yet: train one and publish it on its run's page.")
        st.page_link("train.py", label="Train a network", icon=":material/model_training:")
except BrnetError as error:
    st.error(str(error))
