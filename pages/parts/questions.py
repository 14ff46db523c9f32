"""What is asked of a table: which column, what its values mean; guessed, corrected, kept in the address."""

from dataclasses import dataclass

import streamlit as st

from brnet.materials.properties import Quantity
from brnet.training.experiment import Experiment, Task
from pages.parts import resources, state

TASKS: dict[Task, str] = {"regression": "a number", "classification": "one of two classes"}
URL_WORDS = ("dataset", "formula", "target", "task", "label", "unit", "log10")


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
    columns = [str(name) for name in resources.table(dataset_id).frame.columns]
    found = resources.guess(dataset_id, target if target in columns else None)
    return Question(dataset=dataset_id, **vars(found))


def of_experiment(experiment: Experiment) -> Question:
    """The question that an experiment answers."""
    return Question(
        dataset=experiment.dataset,
        formula_column=experiment.formula_column,
        target=experiment.target,
        task=experiment.task,
        quantity=experiment.quantity,
    )


def from_address() -> Question | None:
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


def _task(said: dict[str, str], guess: Question) -> Task:
    return "regression" if said.get("task") == "regression" else guess.task


def _quantity(guess: Quantity, *, label: str, unit: str, log10: bool) -> Quantity:
    """The guess with the person's words; bounds hold only for the quantity they were set for."""
    if (label, unit, log10) == (guess.label, guess.unit, guess.log10):
        return guess
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
