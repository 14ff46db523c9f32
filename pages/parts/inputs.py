"""Widgets that together give one frozen value: the question asked of a table, or the experiment."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from brnet.materials.dataset import guess_task
from brnet.materials.features import FEATURES
from brnet.materials.properties import Quantity, guess_quantity
from brnet.materials.splits import SPLITS
from brnet.materials.table import guess_columns
from brnet.models.architecture import ARCHITECTURES
from brnet.models.baselines import BASELINES
from brnet.training.experiment import Experiment, Task
from brnet.training.recipe import RECIPES
from brnet.views import words
from pages.parts import resources, state

BUDGETS = [
    round(digit * 10**power)
    for power in (4, 5, 6, 7)
    for digit in (1, 1.5, 2, 3, 5, 7)
    if digit * 10**power <= 2e7
]
FIRST_BUDGET = 200_000
FIRST_FEATURES = ("ef", "pa")
BUDGET, PUBLISHED = "budget", "published"
SIZES = {BUDGET: "Parameter budget", PUBLISHED: "Published widths"}
TASKS: dict[Task, str] = {"regression": "a number", "classification": "one of two classes"}
URL_WORDS = ("dataset", "formula", "target", "task", "label", "unit", "log10")

_SEPARATORS = re.compile(r"[\n,;\t]+")


class Labelled(Protocol):
    """A row of one of the library's tables of architectures, recipes, splits."""

    @property
    def label(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which column of which table is asked for, and what its values mean."""

    dataset: str
    formula_column: str
    target: str
    task: Task
    quantity: Quantity

    @property
    def words(self) -> dict[str, str]:
        """The question as words of an address; what can be guessed from the table is left out."""
        guess = guessed(self.dataset, target=self.target)
        mine, plain = self._said(), guess._said()
        told = {name: word for name, word in mine.items() if word != plain[name]}
        return {"dataset": self.dataset, "target": self.target} | told

    def _said(self) -> dict[str, str]:
        return {
            "formula": self.formula_column,
            "task": self.task,
            "label": self.quantity.label,
            "unit": self.quantity.unit or "none",
            "log10": "yes" if self.quantity.log10 else "no",
        }


def guessed(dataset_id: str, *, target: str = "") -> Question:
    """What the table itself announces. Raises TableError, NotFoundError."""
    table = resources.table(dataset_id)
    columns = guess_columns(table)
    target = target if target in table.frame.columns else columns.targets[0]
    return Question(
        dataset=dataset_id,
        formula_column=columns.formula,
        target=target,
        task=guess_task(table.frame[target]),
        quantity=guess_quantity(target, table_name=table.name),
    )


def asked(experiment: Experiment) -> Question:
    """The question that an experiment answers."""
    return Question(
        dataset=experiment.dataset,
        formula_column=experiment.formula_column,
        target=experiment.target,
        task=experiment.task,
        quantity=experiment.quantity,
    )


def question_in_address() -> Question | None:
    """The question that the address asks, else the one asked last in this session. Raises BrnetError."""
    said = {name: state.url(name) for name in URL_WORDS}
    if not said["dataset"]:
        said = state.get("_question", {})
    if not said.get("dataset"):
        return None
    guess = guessed(said["dataset"], target=said.get("target", ""))
    table = resources.table(guess.dataset)
    unit = said.get("unit") or guess.quantity.unit
    log10 = {"yes": True, "no": False}.get(said.get("log10", ""), guess.quantity.log10)
    formula = said.get("formula", "")
    return Question(
        dataset=guess.dataset,
        formula_column=formula if formula in table.frame.columns else guess.formula_column,
        target=guess.target,
        task="classification" if said.get("task") == "classification" else _task(said, guess),
        quantity=_quantity(
            guess.quantity,
            label=said.get("label") or guess.quantity.label,
            unit="" if unit == "none" else unit,
            log10=log10,
        ),
    )


def remember(question: Question) -> None:
    """Write the question into the address and keep it for the other pages of this session."""
    state.put(_question=question.words)
    state.put_url(**{name: question.words.get(name, "") for name in URL_WORDS})


def edit(question: Question) -> Question:
    """Let the person correct what was recognised in a table."""
    table = resources.table(question.dataset)
    columns = [str(name) for name in table.frame.columns]
    if state.changed("edited", question.dataset):
        _fill(question)
    left, right = st.columns(2)
    state.seed("formula_column", question.formula_column)
    formula_column = left.selectbox("Formulas are in column", columns, key="formula_column")
    state.seed("target", question.target)
    right.selectbox(
        "The values to learn are in column",
        [name for name in columns if name != formula_column],
        key="target",
        on_change=_target_changed,
        args=(question.dataset,),
    )
    return _edit_quantity(question, formula_column)


def experiment(question: Question) -> Experiment:
    """Choose inputs, network, recipe and split for a question."""
    architecture, parameters = _network()
    left, right = st.columns(2)
    with left:
        recipe = _select("Recipe", RECIPES, key="recipe", default="fast")
        st.caption(RECIPES[recipe].note)
    with right:
        rules = {name: SPLITS[name] for name in _rules(question)}
        split = _select("Held back for testing", rules, key="split", default="formula")
        st.caption(SPLITS[split].note)
    with st.expander("Advanced: inputs, seed, epochs, baselines", key="advanced"):
        features, seed, epochs, baselines = _advanced()
    return Experiment(
        dataset=question.dataset,
        formula_column=question.formula_column,
        target=question.target,
        quantity=question.quantity,
        task=question.task,
        features=features,
        architecture=architecture,
        parameters=parameters,
        recipe=recipe,
        split=split,
        seed=seed,
        epochs=epochs,
        baselines=baselines,
    )


def formulas(text: str) -> list[str]:
    """Formulas typed or pasted with line breaks, tabs, commas or semicolons between them."""
    return [formula.strip() for formula in _SEPARATORS.split(text) if formula.strip()]


def _task(said: dict[str, str], guess: Question) -> Task:
    return "regression" if said.get("task") == "regression" else guess.task


def _quantity(guess: Quantity, *, label: str, unit: str, log10: bool) -> Quantity:
    """The guess with the person's words; bounds hold only for the quantity they were set for."""
    if label == guess.label and log10 == guess.log10:
        return guess.model_copy(update={"unit": unit})
    return Quantity(label=label, unit=unit, log10=log10)


def _fill(question: Question) -> None:
    state.put(
        formula_column=question.formula_column,
        target=question.target,
        task=question.task,
        label=question.quantity.label,
        unit=question.quantity.unit,
        log10=question.quantity.log10,
    )


def _target_changed(dataset_id: str) -> None:
    formula_column = state.get("formula_column")
    _fill(guessed(dataset_id, target=state.get("target")))
    state.put(formula_column=formula_column)


def _edit_quantity(question: Question, formula_column: str) -> Question:
    target = state.get("target")
    guess = guessed(question.dataset, target=target)
    state.seed("label", question.quantity.label)
    state.seed("unit", question.quantity.unit)
    state.seed("log10", question.quantity.log10)
    state.seed("task", question.task)
    name, unit, kind = st.columns([2, 1, 2])
    label = name.text_input("They are the", key="label", help="The quantity's name, as it stands in plots.")
    said = unit.text_input("in", key="unit", placeholder="no unit", help="The unit of the values.")
    task = kind.segmented_control(
        "and each is", list(TASKS), format_func=lambda name: TASKS[name], key="task", required=True
    )
    log10 = task == "regression" and st.checkbox(
        "The column holds the decimal logarithm of the quantity",
        key="log10",
        help="The network learns the logarithm; predictions are shown in the unit above.",
    )
    return Question(
        dataset=question.dataset,
        formula_column=formula_column,
        target=target,
        task=task or guess.task,
        quantity=_quantity(guess.quantity, label=label.strip() or target, unit=said.strip(), log10=log10),
    )


def _select(label: str, table: Mapping[str, Labelled], *, key: str, default: str) -> str:
    """Choose a row of one of the library's tables; the address holds its name."""
    state.choice(key, list(table), default)
    return st.selectbox(label, list(table), format_func=lambda name: table[name].label, key=key)


def _network() -> tuple[str, int | None]:
    left, right = st.columns(2)
    with left:
        name = _select("Architecture", ARCHITECTURES, key="architecture", default="BRNet")
        st.caption(f"{ARCHITECTURES[name].note} Source: {ARCHITECTURES[name].source}.")
    with right:
        return name, _size()


def _size() -> int | None:
    """A parameter budget, or None for the published widths."""
    state.choice("size", list(SIZES), BUDGET)
    if (
        st.segmented_control(
            "Size", list(SIZES), format_func=lambda name: SIZES[name], key="size", required=True
        )
        == PUBLISHED
    ):
        return None
    exact = state.get("exact")
    state.choice("budget", BUDGETS, FIRST_BUDGET)
    budget = st.select_slider(
        "Parameters",
        BUDGETS,
        format_func=words.parameters,
        key="budget",
        disabled=exact is not None,
        label_visibility="collapsed",
    )
    return int(exact or budget)


def _rules(question: Question) -> list[str]:
    """The split rules that this table allows."""
    names = {str(name).strip().lower() for name in resources.table(question.dataset).frame.columns}
    rules = ["formula", *(name for name in SPLITS if name != "formula")]
    return [name for name in rules if name != "column" or "split" in names]


def _advanced() -> tuple[tuple[str, ...], int, int | None, tuple[str, ...]]:
    state.choices("features", list(FEATURES), FIRST_FEATURES)
    features = st.multiselect(
        "Inputs",
        list(FEATURES),
        format_func=lambda name: FEATURES[name].label,
        key="features",
        help="Element fractions say what is in a compound, physical attributes what its elements are like.",
    )
    seed, epochs, exact = st.columns(3)
    chosen_seed = seed.number_input("Seed", min_value=0, value=0, step=1, key="seed", bind="query-params")
    most = epochs.number_input(
        "At most so many epochs",
        min_value=1,
        max_value=10_000,
        value=None,
        placeholder="as the recipe says",
        key="epochs",
        bind="query-params",
    )
    exact.number_input(
        "Exact parameter budget",
        min_value=1,
        max_value=100_000_000,
        value=None,
        placeholder="as the slider says",
        key="exact",
        bind="query-params",
    )
    baselines = st.multiselect(
        "Compare with",
        list(BASELINES),
        default=list(BASELINES),
        format_func=lambda name: BASELINES[name].label,
        key="baselines",
        help="Each is fitted to the same rows and inputs and scored on the same test rows.",
    )
    return (
        _in_order(features, FEATURES),
        int(chosen_seed),
        None if most is None else int(most),
        _in_order(baselines, BASELINES),
    )


def _in_order(names: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """The same choice gives the same experiment, in whatever order it was clicked together."""
    return tuple(name for name in known if name in names)
