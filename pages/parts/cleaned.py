"""What cleaning did: each rule with its number of rows, each touched row with its reason."""

import streamlit as st

from brnet.materials.cleaning import RULES
from brnet.materials.dataset import Dataset, touched_csv
from brnet.views import tables, words
from pages.parts import state

SHOWN_ROWS = 2_000
SHOWN_NOTES = 20


def draw(rows: Dataset) -> None:
    """Rules, rows, notes."""
    if rows.touched:
        _rules(rows)
        _rows(rows)
    else:
        st.caption(":material/check: Every row can be learned from, and no rule had anything to say.")
    _notes(rows)


def _rules(rows: Dataset) -> None:
    st.markdown(
        f"**{words.count(len(rows.dropped), 'row')} left out, "
        f"{words.count(len(rows.touched) - len(rows.dropped), 'row')} kept and marked**"
    )
    st.dataframe(tables.rules(rows.touched), key="rules", hide_index=True, width="content")


def _rows(rows: Dataset) -> None:
    named = {row.rule for row in rows.touched}
    rules = [name for name in RULES if name in named]
    state.choice("rule", ["all", *rules], "all")
    chosen = st.selectbox(
        "Rows that were touched by",
        ["all", *rules],
        format_func=lambda name: "any rule" if name == "all" else RULES[name].label,
        key="rule",
    )
    found = [row for row in rows.touched if chosen in ("all", row.rule)]
    st.dataframe(
        tables.touched(found[:SHOWN_ROWS]),
        key="touched",
        hide_index=True,
        column_config={
            "line": st.column_config.NumberColumn("line", format="%d", width=70),
            "formula": st.column_config.TextColumn("formula", width=210),
            "row": st.column_config.TextColumn("row", width=80),
            "reason": st.column_config.TextColumn("reason", width=680),
        },
    )
    if len(found) > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS:,} of {len(found):,} rows; the download holds all.")
    st.download_button(
        "These rows as CSV",
        lambda: touched_csv(found),
        file_name="touched-rows.csv",
        mime="text/csv",
        key="download_touched",
        icon=":material/download:",
        on_click="ignore",
    )


def _notes(rows: Dataset) -> None:
    if not rows.notes:
        return
    with st.expander(f"{words.count(len(rows.notes), 'note')} on how the table was read", key="notes"):
        for note in rows.notes[:SHOWN_NOTES]:
            st.markdown(f"- {note}")
        if len(rows.notes) > SHOWN_NOTES:
            st.caption(f"and {len(rows.notes) - SHOWN_NOTES:,} more of the same kind")
