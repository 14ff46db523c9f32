"""Train: choose a network for a question, see its size and layers, start it."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.materials.splits.rules import SPLITS
from brnet.models.budget import Sized
from brnet.runs import database, store
from brnet.training.conduct import check
from brnet.training.estimate import estimate_seconds
from brnet.training.experiment import Experiment
from brnet.views import words
from pages.parts import inputs, questions, reports, resources, state


def _dataset_changed() -> None:
    state.put(_question={"dataset": state.get("dataset_choice")})
    state.put_url(**dict.fromkeys(questions.URL_WORDS, ""))


def choose_question() -> questions.Question:
    """Which table and column; what they mean is set on the Data page."""
    example = resources.example()
    asked = questions.from_address() or questions.guessed(example)
    kept = {table.id: table for table in store.list_tables()}
    left, right = st.columns(2)
    state.put(dataset_choice=asked.dataset)
    left.selectbox(
        "Dataset",
        list(kept),
        format_func=lambda dataset_id: kept[dataset_id].name,
        key="dataset_choice",
        on_change=_dataset_changed,
    )
    columns = [str(name) for name in resources.table(asked.dataset).frame.columns]
    state.put(target_choice=asked.reading.target)
    right.selectbox(
        "Learn the values in column",
        [name for name in columns if name not in asked.reading.input_columns],
        key="target_choice",
        on_change=_target_changed,
        args=(asked.dataset,),
    )
    questions.remember(asked)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Predicts **{asked.quantity.axis}** from {words.inputs(asked.reading)}, "
            f"as {questions.TASKS[asked.task]}.",
            width="content",
        )
        st.page_link("data.py", label="Change", icon=":material/edit:", query_params=asked.words)
    return asked


def _target_changed(dataset_id: str) -> None:
    words_of_it = {"dataset": dataset_id, "target": state.get("target_choice")}
    state.put(_question=words_of_it)
    state.put_url(**dict.fromkeys(questions.URL_WORDS, "") | words_of_it)


def network(experiment: Experiment) -> Sized:
    """The network at its size: how many parameters, how far from the budget."""
    sized = resources.sized(experiment.architecture, _n_inputs(experiment), experiment.parameters)
    st.metric("Trainable parameters", f"{sized.n_parameters:,}")
    facts = [f"{sized.architecture.depth} layers deep", words.count(sized.n_inputs, "input")]
    if sized.wanted:
        off = f"{sized.relative_error:+.2%}".replace("-", "−")
        facts.insert(0, f"{off} off the budget of {sized.wanted:,}")
    st.caption(" · ".join(facts))
    return sized


def _n_inputs(experiment: Experiment) -> int:
    reading = questions.of_experiment(experiment).reading
    return resources.n_inputs(experiment.dataset, reading, experiment.features)


def layers(experiment: Experiment) -> None:
    diagram = resources.diagram(
        experiment.architecture, _n_inputs(experiment), experiment.parameters, experiment.recipe
    )
    reports.chart(diagram, key="diagram")
    st.caption("Drawn from the layers of the network as it will be trained.")


def cost(experiment: Experiment, sized: Sized) -> None:
    """How many rows there are and about how long it takes."""
    rows = resources.dataset(
        experiment.dataset, questions.of_experiment(experiment).reading, experiment.features
    )
    n_train = round(0.8 * len(rows))
    seconds = estimate_seconds(experiment, n_train=n_train, n_parameters=sized.n_parameters)
    st.caption(
        f"{len(rows):,} rows, about {n_train:,} of them to train on: {words.about(seconds)} "
        "on this server's CPU for the network, less on a GPU; the baselines follow."
    )


def start(experiment: Experiment) -> None:
    """The button, and the run that answered this very question before."""
    known = database.find_answer(experiment)
    if known:
        st.page_link(
            "runs.py",
            label=f"Answered {words.ago(known.created)}: open that run",
            icon=":material/history:",
            query_params={"run": known.id},
        )
    label = "Train again" if known else "Train"
    if st.button(label, type="primary", icon=":material/play_arrow:", key="train", width="stretch"):
        run_id = database.submit(experiment, dataset_name=resources.table(experiment.dataset).name)
        st.switch_page("runs.py", query_params={"run": run_id})
    if SPLITS[experiment.split].asks == "fold":
        _start_all_folds(experiment)


def _start_all_folds(experiment: Experiment) -> None:
    """Cross-validation: the same question, once for each fold."""
    reading = questions.of_experiment(experiment).reading
    folds = [fold.name for fold in resources.holdings(experiment.dataset, reading, experiment.split)]
    if st.button(f"Train all {len(folds)} folds", key="train_folds", width="stretch"):
        name = resources.table(experiment.dataset).name
        for fold in folds:
            database.submit(
                experiment.model_copy(update={"held_out": fold}),
                dataset_name=name,
                title=f"{experiment.architecture}: {experiment.quantity.label} of {name}, fold {fold}",
            )
        st.switch_page("runs.py")


def offer(experiment: Experiment) -> None:
    """The network at its size and the button, or why it cannot be trained."""
    try:
        check(experiment)
        resources.sized(experiment.architecture, _n_inputs(experiment), experiment.parameters)
    except BrnetError as error:
        st.error(str(error))
        return
    with st.container(border=True):
        cost(experiment, network(experiment))
        start(experiment)
    layers(experiment)


st.title("Train", anchor=False)
state.put_url(run="")
try:
    question = choose_question()
    st.space("small")
    left, right = st.columns([3, 2], gap="large")
    with left:
        experiment = inputs.experiment(question)
    with right:
        offer(experiment)
except BrnetError as error:
    st.error(str(error))
    st.page_link("data.py", label="Use another table", icon=":material/upload_file:")
