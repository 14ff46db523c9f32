"""Widgets that together give one frozen value: an experiment, a list of formulas."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import streamlit as st

from brnet.materials.inputs.features import FEATURES
from brnet.materials.inputs.own import Encoding
from brnet.materials.splits.rules import SPLITS, rules_for
from brnet.models.architecture import ARCHITECTURES
from brnet.models.baselines import BASELINES
from brnet.training.experiment import Experiment
from brnet.training.recipe import RECIPES
from brnet.views import words
from pages.parts import resources, state
from pages.parts.questions import Question

BUDGETS = [
    round(digit * 10**power)
    for power in (4, 5, 6, 7)
    for digit in (1, 1.5, 2, 3, 5, 7)
    if digit * 10**power <= 2e7
]
FIRST_BUDGET = 200_000
BUDGET, PUBLISHED = "budget", "published"
SIZES = {BUDGET: "Parameter budget", PUBLISHED: "Published widths"}

_SEPARATORS = re.compile(r"[\n,;\t]+")


class Labelled(Protocol):
    """A row of one of the library's tables of architectures, recipes, splits."""

    @property
    def label(self) -> str: ...


def experiment(question: Question) -> Experiment:
    """Choose inputs, network, recipe and split for a question."""
    architecture, parameters = _network()
    left, right = st.columns(2)
    with left:
        recipe = _select("Recipe", RECIPES, key="recipe", default="fast")
        st.caption(RECIPES[recipe].note)
    with right:
        split, held_out = splitting(question)
    with st.expander("Advanced: inputs, seed, epochs, baselines", key="advanced"):
        features, seed, epochs, baselines = _advanced(question)
    return question.experiment(
        features=features,
        architecture=architecture,
        parameters=parameters,
        recipe=recipe,
        split=split,
        held_out=held_out,
        seed=seed,
        epochs=epochs,
        baselines=baselines,
    )


def splitting(question: Question) -> tuple[str, str]:
    """The rule by which rows are held back, and which element, cluster or fold, where it asks for one."""
    rows = resources.dataset(question.dataset, question.reading, resources.first_features(question.reading))
    allowed = rules_for(rows)
    rules = {name: SPLITS[name] for name in SPLITS if name in allowed}
    split = _select("Held back for testing", rules, key="split", default=allowed[0])
    st.caption(SPLITS[split].note)
    if not SPLITS[split].asks:
        return split, ""
    kept = {
        holding.name: holding for holding in resources.holdings(question.dataset, question.reading, split)
    }
    first = next(iter(kept), "")
    before = state.get("_held_out_rule")
    state.put(_held_out_rule=split)
    if before not in (None, split):  # cluster 5 is not fold 5
        state.put(held_out=first)
    return split, _select(f"Which {SPLITS[split].asks}", kept, key="held_out", default=first) or ""


def formulas(text: str) -> list[str]:
    """Formulas typed or pasted with line breaks, tabs, commas or semicolons between them."""
    return [formula.strip() for formula in _SEPARATORS.split(text) if formula.strip()]


def own_columns(encodings: Sequence[Encoding]) -> dict[str, str]:
    """What the chosen models ask for beside a formula; an empty text where it is not known."""
    numbers = {column.name: column for encoding in encodings for column in encoding.numbers}
    categories: dict[str, dict[str, None]] = {}  # of several models, all that any of them knows
    for column in (column for encoding in encodings for column in encoding.categories):
        if column.name not in numbers:
            categories.setdefault(column.name, {}).update(dict.fromkeys(column.categories))
    cells: dict[str, str] = {}
    if numbers or categories:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name, number in numbers.items():
                said = st.number_input(
                    name,
                    value=None,
                    placeholder=f"{number.fill:g}",
                    key=f"own_{name}",
                    help=f"Left empty, it is {number.fill:g}, the median of the training rows.",
                    width=180,
                )
                cells[name] = "" if said is None else repr(said)
            for name, known in categories.items():
                cells[name] = st.selectbox(
                    name, ["", *known], key=f"own_{name}", width=180, format_func=_or_unknown
                )
    return cells


def _or_unknown(category: str) -> str:
    return category or "unknown"


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
    size = st.segmented_control(
        "Size", list(SIZES), format_func=lambda name: SIZES[name], key="size", required=True
    )
    if size == PUBLISHED:
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


def _features(question: Question) -> list[str]:
    """How compositions are described; nothing to choose where there are none."""
    if not question.reading.has_compositions:
        return []
    state.choices("features", list(FEATURES), resources.FIRST_FEATURES)
    return st.multiselect(
        "Inputs",
        list(FEATURES),
        format_func=lambda name: FEATURES[name].label,
        key="features",
        help="\n".join(
            f"- **{one.label}**, {len(one.columns)} numbers: {one.source}" for one in FEATURES.values()
        ),
    )


def _advanced(question: Question) -> tuple[tuple[str, ...], int, int | None, tuple[str, ...]]:
    features = _features(question)
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
