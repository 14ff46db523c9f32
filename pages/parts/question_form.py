"""The form in which a person corrects what was recognised in a table."""

from collections.abc import Sequence

import streamlit as st

from brnet.materials.reading import REPEATS, Reading, reading_of
from brnet.materials.tables.amounts import component_of
from brnet.materials.tables.mixture import Mixture
from brnet.views import words
from pages.parts import resources, state
from pages.parts.questions import TASKS, UNITS, Question, guessed, quantity_of

MOST_NAMED = 4  # columns in the title of what is folded away
FORMULAS, AMOUNTS, NOTHING = "formulas", "amounts", "nothing"
MATERIALS = {
    FORMULAS: "formulas in a column",
    AMOUNTS: "amounts in columns",
    NOTHING: "not given: own columns only",
}


def edit(question: Question) -> Question:
    """Let the person correct the question. Raises TableError where a column is given two roles."""
    if state.changed("edited", question.dataset):
        _fill(question)
    kind = _kind(question.reading)
    columns = [str(name) for name in resources.table(question.dataset).frame.columns]
    left, right = st.columns(2) if kind == FORMULAS else (st.container(), st.container())
    with left:
        formula_column, mixture = _materials(kind, question.reading, columns)
    taken = {formula_column, *(mixture.columns if mixture else ())}
    with right:
        target = _target(question, [name for name in columns if name not in taken])
    return _meaning(question, _further(question, formula_column, mixture, target), target)


def _fill(question: Question) -> None:
    """Give the form the question, when it opens for another table."""
    reading, mixture = question.reading, question.reading.mixture
    state.put(
        materials=FORMULAS if reading.formula_column else AMOUNTS if mixture else NOTHING,
        formula_column=reading.formula_column or None,
        amounts=list(mixture.columns) if mixture else [],
        amounts_in=mixture.unit if mixture else UNITS[0],
        balance=mixture.balance if mixture else "",
        numbers=list(reading.numbers),
        categories=list(reading.categories),
        repeats=reading.repeats,
        target=reading.target,
        **_meaning_of(question),
    )


def _meaning_of(question: Question) -> dict[str, object]:
    return {
        "task": question.task,
        "label": question.quantity.label,
        "unit": question.quantity.unit,
        "log10": question.quantity.log10,
    }


def _kind(reading: Reading) -> str:
    state.seed("materials", FORMULAS if reading.formula_column else AMOUNTS if reading.mixture else NOTHING)
    kind = st.segmented_control(
        "Materials are given as",
        list(MATERIALS),
        format_func=lambda name: MATERIALS[name],
        key="materials",
        required=True,
    )
    return kind or FORMULAS


def _materials(kind: str, reading: Reading, columns: Sequence[str]) -> tuple[str, Mixture | None]:
    """The column of formulas, or the columns of amounts."""
    if kind == FORMULAS:
        state.seed("formula_column", reading.formula_column or columns[0])
        return st.selectbox("Formulas are in column", columns, key="formula_column"), None
    return "", _mixture(reading.mixture, columns) if kind == AMOUNTS else None


def _mixture(mixture: Mixture | None, columns: Sequence[str]) -> Mixture | None:
    left, middle, right = st.columns([3, 2, 1])
    state.seed("amounts", list(mixture.columns) if mixture else [])
    chosen = left.multiselect(
        "Amounts are in columns",
        [name for name in columns if component_of(name)],
        key="amounts",
        help="Each is named after an element or an oxide: 'Cr', 'SiO2 (mol%)'.",
    )
    state.seed("amounts_in", mixture.unit if mixture else UNITS[0])
    unit = middle.segmented_control("in", list(UNITS), key="amounts_in", required=True)
    state.seed("balance", mixture.balance if mixture else "")
    balance = right.text_input(
        "Balance", key="balance", placeholder="none", help="What fills up to 100 % and has no column: 'Fe'."
    )
    if not chosen:
        st.caption(":material/info: Choose the columns that hold the amounts.")
        return None
    return Mixture(columns=tuple(chosen), unit=unit or UNITS[0], balance=balance.strip())


def _target(question: Question, columns: Sequence[str]) -> str:
    state.seed("target", question.reading.target)
    if state.get("target") not in columns:
        state.put(target=columns[0] if columns else None)
    return st.selectbox(
        "The values to learn are in column",
        columns,
        key="target",
        on_change=_target_changed,
        args=(question.dataset,),
    )


def _target_changed(dataset_id: str) -> None:
    """Another column means another quantity."""
    state.put(**_meaning_of(guessed(dataset_id, target=state.get("target"))))


def _further(question: Question, formula_column: str, mixture: Mixture | None, target: str) -> Reading:
    """What else is an input, and what becomes of repeated compositions."""
    reading = question.reading
    taken = {formula_column, target, *(mixture.columns if mixture else ())}
    numbers, categories = (
        [name for name in names if name not in taken] for names in resources.usable_columns(question.dataset)
    )
    for key, usable, chosen in (
        ("numbers", numbers, reading.numbers),
        ("categories", categories, reading.categories),
    ):
        state.seed(key, list(chosen))
        state.put(**{key: [name for name in state.get(key) if name in usable]})
    state.seed("repeats", reading.repeats)
    n_used = len(state.get("numbers")) + len(state.get("categories"))
    usable = [*numbers, *categories]
    told = f": {words.count(n_used, 'column')}" if n_used else ""
    if usable and not n_used:
        told = (
            f": {', '.join(usable[:MOST_NAMED])} could be {'an input' if len(usable) == 1 else 'inputs'} too"
        )
    title = f"Further inputs and repeats{told}"
    with st.expander(title, key="further", expanded=not formula_column and not mixture):
        left, middle, right = st.columns(3)
        left.multiselect(
            "Columns of numbers that are inputs too",
            numbers,
            key="numbers",
            placeholder="none" if numbers else "there are no others",
            help="A missing number becomes the median of the training rows, and one more input says so.",
        )
        middle.multiselect(
            "Columns of categories that are inputs too",
            categories,
            key="categories",
            placeholder="none" if categories else "there are no others",
            help="Each category becomes an input of 0 or 1.",
        )
        right.selectbox(
            "Where a composition repeats",
            list(REPEATS),
            format_func=lambda name: REPEATS[name],
            key="repeats",
            help="Rows are repeats when composition and further inputs agree. Of two classes, the majority "
            "stays.",
        )
    return reading_of(
        formula_column=formula_column,
        mixture=mixture,
        target=target,
        task=reading.task,
        numbers=state.get("numbers"),
        categories=state.get("categories"),
        repeats=state.get("repeats"),
    )


def _meaning(question: Question, reading: Reading, target: str) -> Question:
    """What the values are, in which unit, numbers or classes."""
    guess = guessed(question.dataset, target=target)
    for key, value in _meaning_of(question).items():
        state.seed(key, value)
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
        reading=reading.model_copy(update={"task": task or guess.task}),
        quantity=quantity_of(guess.quantity, label=label.strip() or target, unit=said.strip(), log10=log10),
    )
