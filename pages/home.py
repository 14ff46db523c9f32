"""Home: ask the models about a formula, try the example, find recent runs."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.runs import database
from brnet.zoo.lookup import look_up
from pages.parts import questions, reports, resources, runs, state

FIRST = "GaN"
EXAMPLES = (FIRST, "Li0.5CoO2", "Fe2O3", "YBa2Cu3O6.9", "CuSO4·5H2O")
RECENT = 5
MOST_CARDS = 9


def _take_example() -> None:
    if chosen := state.get("example"):
        state.put(formula=chosen, example=None)


@st.fragment
def ask() -> None:
    """The formula box, its answers redrawn while one types."""
    state.text("formula", FIRST)
    st.text_input(
        "Formula",
        key="formula",
        max_chars=200,
        live=True,
        placeholder="such as Li0.5CoO2",
        help="Decimals, brackets and hydrates are read; what cannot be read is refused with a reason.",
    )
    st.pills("For example", EXAMPLES, key="example", on_change=_take_example, label_visibility="collapsed")
    formula = state.get("formula", "").strip()
    models = resources.shelved()
    if not models:
        st.info(
            "No trained model is on the shelf yet. Train one on the example below and publish it: "
            "it will answer here.",
            icon=":material/inventory_2:",
        )
    elif formula:
        answers(formula)


def answers(formula: str) -> None:
    """One card a model, three in a row."""
    predictors = {name: resources.predictor(name) for name in resources.shelved()}
    shelved = [(name, model) for name, model in resources.shelved().items() if predictors[name].features]
    models = shelved[:MOST_CARDS]
    notes: dict[str, None] = {}
    for start in range(0, len(models), 3):
        for column, (name, model) in zip(st.columns(3), models[start : start + 3], strict=False):
            (given,) = look_up(predictors[name], [formula])
            notes |= dict.fromkeys(given.notes)
            with column:
                reports.answer(given, model)
    if len(shelved) > MOST_CARDS:
        st.caption(f"{len(shelved) - MOST_CARDS} more models answer on the Look up page.")
    for note in notes:
        st.caption(f":material/info: {note}")


def example() -> None:
    """The built-in example, one click from training."""
    st.subheader("Train a network", anchor=False)
    question = questions.guessed(resources.example())
    rows = len(resources.table(question.dataset).frame)
    st.markdown(
        f"The built-in example holds the {question.reading.target} of {rows:,} binary alloys, computed with "
        "Miedema's semi-empirical model. One click trains a BRNet of 200,000 parameters on it and compares "
        "it with classical methods."
    )
    with st.container(horizontal=True):
        if st.button(
            "Train on the example", type="primary", icon=":material/play_arrow:", key="train_example"
        ):
            start(question)
        st.page_link("data.py", label="Use your own table", icon=":material/upload_file:")


def start(question: questions.Question) -> None:
    """Submit the example with everything at its default, or open the run that answers it."""
    experiment = question.experiment()
    run = runs.same(experiment)
    name = resources.table(question.dataset).name
    run_id = run.id if run else database.submit(experiment, dataset_name=name)
    st.switch_page("runs.py", query_params={"run": run_id})


def recent() -> None:
    st.subheader("Recent runs", anchor=False)
    found = database.list_runs(limit=RECENT)
    if not found:
        st.caption("Nothing was trained here yet.")
    for run in found:
        runs.line(run)


def orientation() -> None:
    st.subheader("What else is here", anchor=False)
    st.page_link("data.py", label="**Data**: bring a table, see what is left out")
    st.page_link("train.py", label="**Train**: any architecture at any size")
    st.page_link("compare.py", label="**Compare**: networks and classical methods")
    st.page_link("lookup.py", label="**Look up**: many formulas, or a whole CSV")
    st.page_link("models.py", label="**Models**: what each has learned from")


st.title("What is this material like?", anchor=False)
st.markdown("Type a formula. Each model answers with a value and the interval that should hold nine in ten.")
try:
    ask()
    st.space("small")
    left, right = st.columns(2, gap="large")
    with left:
        example()
        st.space("small")
        recent()
    with right:
        orientation()
except BrnetError as error:
    st.error(str(error))
