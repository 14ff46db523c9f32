"""A dataset at a glance: its values, elements, families, repeats, and which models have seen it."""

import streamlit as st

from brnet.materials.dataset import Dataset
from brnet.materials.profile import Chemistry, Profile
from brnet.views import periodic_table, profile_figures, profile_words, words
from pages.parts import reports, resources, state
from pages.parts.questions import Question

SHOWN_ROWS = 500
COUNTS, MEANS = "counts", "means"
COLOURS = {COUNTS: "number of rows", MEANS: "mean value"}


def draw(question: Question, rows: Dataset, profile: Profile) -> None:
    """Words first, then pictures."""
    told = profile_words.sentences(profile, question.quantity, classes=rows.classes)
    st.markdown("\n".join(f"- {sentence}" for sentence in told))
    if profile.chemistry is None:
        _values(question, rows, profile, "")
        return
    state.choice("element", ["", *profile.chemistry.elements], "")
    element = state.get("element")
    left, right = st.columns(2, gap="large")
    with left:
        _values(question, rows, profile, element)
    with right:
        _elements(question, rows, profile.chemistry, element)
    if element:
        _rows_with(rows, profile.chemistry, element)
    _more(question, rows, profile.chemistry)
    _models(question, rows)


def _values(question: Question, rows: Dataset, profile: Profile, element: str) -> None:
    """The histogram of the values, those of one element before the others."""
    st.markdown(f"**{words.sentence_case(question.quantity.label)}**")
    with st.container(horizontal=True):
        may_log = not rows.classes and not question.quantity.log10 and profile.target.high > 0
        log_values = may_log and st.toggle("Logarithmic values", key="log_values")
        log_counts = st.toggle("Logarithmic counts", key="log_counts")
    highlighted = None
    if element and profile.chemistry:
        highlighted = rows.values[profile.chemistry.rows_with(element)]
    figure = profile_figures.histogram(
        rows.values,
        question.quantity,
        classes=rows.classes,
        log_values=log_values,
        log_counts=log_counts,
        highlighted=highlighted,
        highlight=f"with {element}" if element else "",
        outliers=rows.values[profile.outliers],
    )
    reports.chart(figure, key="histogram")


def _elements(question: Question, rows: Dataset, chemistry: Chemistry, element: str) -> None:
    """The periodic table; a click on an element shows its rows."""
    st.markdown("**Elements**")
    state.choice("colour", list(COLOURS), COUNTS)
    with st.container(horizontal=True, vertical_alignment="center"):
        colour = st.segmented_control(
            "Coloured by",
            list(COLOURS),
            format_func=lambda name: COLOURS[name],
            key="colour",
            required=True,
            label_visibility="collapsed",
        )
        st.selectbox(
            "Element",
            ["", *chemistry.elements],
            format_func=lambda symbol: symbol or "any element",
            key="element",
            label_visibility="collapsed",
            width=140,
        )
    if colour == MEANS:
        figure = periodic_table.means(
            chemistry.elements, question.quantity, classes=rows.classes, chosen=element
        )
    else:
        counts = {symbol: group.rows for symbol, group in chemistry.elements.items()}
        figure = periodic_table.coverage(counts, chosen=element)
    reports.chart(figure, key="elements", on_click=_element_clicked)
    st.caption("Click an element to see its rows. Grey: in no row, so a model will warn when asked about it.")


def _element_clicked() -> None:
    """The clicked element is chosen; a second click on it lets it go."""
    selection = state.get("elements")
    symbol = periodic_table.clicked(selection["selection"]["points"]) if selection else ""
    if symbol:
        state.put(element="" if symbol == state.get("element") else symbol)


def _rows_with(rows: Dataset, chemistry: Chemistry, element: str) -> None:
    places = chemistry.rows_with(element)
    hold = "holds" if len(places) == 1 else "hold"
    st.markdown(f"**{words.count(len(places), 'row')} {hold} {element}**")
    if len(places):
        st.dataframe(
            {
                "line": rows.lines[places[:SHOWN_ROWS]],
                "formula": [rows.formulas[place] for place in places[:SHOWN_ROWS]],
                rows.target: [_cell(rows, place) for place in places[:SHOWN_ROWS]],
            },
            key="rows_with",
            height=240,
        )
    if len(places) > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS} are shown.")


def _cell(rows: Dataset, place: int) -> str | float:
    value = rows.values[place]
    return rows.classes[int(value)] if rows.classes else float(value)


def _more(question: Question, rows: Dataset, chemistry: Chemistry) -> None:
    left, middle, right = st.columns(3, gap="large")
    with left:
        st.markdown("**Chemical families**")
        reports.chart(
            profile_figures.families(chemistry.families, question.quantity, classes=rows.classes),
            key="families",
        )
    with middle:
        st.markdown("**Elements in a formula**")
        reports.chart(profile_figures.element_numbers(chemistry.sizes), key="sizes")
    with right:
        st.markdown("**Spread of repeated compositions**")
        if rows.classes or not len(chemistry.repeats.spreads):
            st.caption("No composition repeats with another number.")
        else:
            reports.chart(profile_figures.spreads(chemistry.repeats, question.quantity), key="spreads")


def _models(question: Question, rows: Dataset) -> None:
    """Which models of the shelf have learned from these compositions: their scores here would flatter."""
    told = []
    for name, model in resources.shelved().items():
        n_known = resources.learned_by(
            question.dataset, question.reading, resources.first_features(question.reading), name
        )
        if n_known:
            told.append(f"**{model.title}** {n_known / len(rows):.0%}")
    if told:
        st.markdown(
            ":material/school: **Seen before.** Rows here whose composition a model has learned from: "
            f"{', '.join(told)}. A score on those says little."
        )
