"""What is asked of a table: materials, what to learn, what it means; guessed, kept in the address."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from brnet.errors import NotFoundError
from brnet.materials.properties import Quantity
from brnet.materials.reading import REPEATS, Reading, reading_of
from brnet.materials.tables.mixture import Mixture, Unit
from brnet.runs import store
from brnet.training.experiment import Experiment, Task
from pages.parts import resources, state

TASKS: dict[Task, str] = {"regression": "a number", "classification": "one of two classes"}
NONE = "none"  # in the address: deliberately nothing
UNITS: tuple[Unit, ...] = get_args(Unit)
URL_WORDS = (
    "dataset",
    "formula",
    "amounts",
    "amounts_in",
    "balance",
    "target",
    "task",
    "label",
    "unit",
    "log10",
    "numbers",
    "categories",
    "repeats",
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of which table, and what the values mean."""

    dataset: str
    reading: Reading
    quantity: Quantity

    @property
    def task(self) -> Task:
        return self.reading.task or "regression"

    @property
    def words(self) -> dict[str, str]:
        """The question as words of an address; what can be guessed from the table is left out."""
        plain = guessed(self.dataset, target=self.reading.target)._said()
        told = {name: word for name, word in self._said().items() if word != plain[name]}
        return {"dataset": self.dataset, "target": self.reading.target} | told

    def experiment(self, **choices: Any) -> Experiment:
        """The question with the network that is to answer it and how."""
        asked = {name: getattr(self.reading, name) for name in Reading.model_fields}
        asked |= {"task": self.task, "features": resources.first_features(self.reading)}
        return Experiment(dataset=self.dataset, quantity=self.quantity, **asked | choices)

    def _said(self) -> dict[str, str]:
        reading, mixture = self.reading, self.reading.mixture
        return {
            "formula": reading.formula_column or NONE,
            "amounts": _line(mixture.columns if mixture else ()),
            "amounts_in": mixture.unit if mixture else NONE,
            "balance": mixture.balance or NONE if mixture else NONE,
            "task": self.task,
            "label": self.quantity.label,
            "unit": self.quantity.unit or NONE,
            "log10": "yes" if self.quantity.log10 else "no",
            "numbers": _line(reading.numbers),
            "categories": _line(reading.categories),
            "repeats": reading.repeats,
        }


def guessed(dataset_id: str, *, target: str = "") -> Question:
    """What the table itself announces. Raises TableError, NotFoundError."""
    columns = [str(name) for name in resources.table(dataset_id).frame.columns]
    found = resources.guess(dataset_id, target if target in columns else None)
    return Question(dataset=dataset_id, reading=found.reading, quantity=found.quantity)


def doubt(question: Question) -> str:
    """What was not found in a table that is learned from by its own columns alone."""
    if question.reading.has_compositions:
        return ""
    return resources.guess(question.dataset, question.reading.target).doubt


def of_experiment(experiment: Experiment) -> Question:
    """The question that an experiment answers."""
    reading = Reading(**{name: getattr(experiment, name) for name in Reading.model_fields})
    return Question(dataset=experiment.dataset, reading=reading, quantity=experiment.quantity)


def from_address() -> Question | None:
    """The question that the address asks, else the one asked last in this session. Raises BrnetError."""
    said = {name: state.url(name) for name in URL_WORDS}
    if not said["dataset"]:
        said = state.get("_question", {})
    if not said.get("dataset"):
        return None
    try:
        store.get_facts(said["dataset"])
    except NotFoundError:
        state.put(_question={})  # so that the next page is not led to it again
        raise
    guess = guessed(said["dataset"], target=said.get("target", ""))
    told = guess._said() | {name: word for name, word in said.items() if word}
    if said.get("formula") not in (None, "", NONE):  # a column of formulas takes the place of guessed amounts
        told |= {name: said.get(name) or NONE for name in ("amounts", "amounts_in")}
    return Question(
        dataset=guess.dataset,
        reading=_reading(told, guess),
        quantity=quantity_of(
            guess.quantity,
            label=told["label"],
            unit="" if told["unit"] == NONE else told["unit"],
            log10=told["log10"] == "yes",
        ),
    )


def remember(question: Question) -> None:
    """Write the question into the address and keep it for the other pages of this session."""
    state.put(_question=question.words)
    state.put_url(**{name: question.words.get(name, "") for name in URL_WORDS})


def quantity_of(guess: Quantity, *, label: str, unit: str, log10: bool) -> Quantity:
    """The guess with the person's words; bounds hold only for the quantity they were set for."""
    if (label, unit, log10) == (guess.label, guess.unit, guess.log10):
        return guess
    return Quantity(label=label, unit=unit, log10=log10)


def _reading(told: Mapping[str, str], guess: Question) -> Reading:
    """What the words say, less the columns that this table has not."""
    known = [str(name) for name in resources.table(guess.dataset).frame.columns]
    amounts = _names(told["amounts"], known)
    formula = told["formula"] if told["formula"] in known and not amounts else ""
    if told["formula"] not in (NONE, *known):
        formula = guess.reading.formula_column
    unit = told["amounts_in"] if told["amounts_in"] in UNITS else UNITS[0]
    mixture = None
    if amounts and not formula:
        balance = "" if told["balance"] == NONE else told["balance"]
        mixture = Mixture(columns=amounts, unit=unit, balance=balance)
    taken = {formula, guess.reading.target, *(mixture.columns if mixture else ())}
    return reading_of(
        formula_column=formula,
        mixture=mixture,
        target=guess.reading.target,
        task=told["task"] if told["task"] in TASKS else guess.task,
        numbers=[name for name in _names(told["numbers"], known) if name not in taken],
        categories=[name for name in _names(told["categories"], known) if name not in taken],
        repeats=told["repeats"] if told["repeats"] in REPEATS else "all",
    )


def _line(names: Sequence[str]) -> str:
    """Names as one word of an address, quoted where one holds a comma; 'none' for none."""
    if not names:
        return NONE
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


def _names(word: str, known: Sequence[str]) -> tuple[str, ...]:
    named = next(csv.reader([word]), []) if word != NONE else []
    return tuple(name for name in named if name in known)
