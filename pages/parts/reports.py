"""Draw one chart, one answer, one leaderboard, one report."""

from collections.abc import Callable, Sequence

import streamlit as st

from brnet.materials.properties import Quantity
from brnet.training.experiment import Task
from brnet.training.metrics import HEADLINE, METRICS
from brnet.training.report import Report, Row
from brnet.views import figures, periodic_table, tables, words
from brnet.zoo.lookup import Answer
from brnet.zoo.shelf import Shelved

SENTENCES = ("caution", "how it was read", "refused because", "why there is no score")  # columns of a table
STATES = {
    "queued": ("gray", ":material/schedule:"),
    "running": ("blue", ":material/play_circle:"),
    "finished": ("green", ":material/check_circle:"),
    "failed": ("red", ":material/error:"),
    "cancelled": ("gray", ":material/cancel:"),
}


def chart(figure: figures.Figure, *, key: str, on_click: Callable[[], None] | None = None) -> None:
    """A figure with its own words for screen readers; the camera saves it as SVG.

    `on_click` is called after a click on a point; the selection then stands under `key`.
    """
    st.plotly_chart(
        figure,
        key=key,
        on_select=on_click or "ignore",
        selection_mode="points",
        alt=figure.layout.meta["alt"] if figure.layout.meta else None,
        config={
            "displaylogo": False,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
            "toImageButtonOptions": {"format": "svg", "filename": key},
        },
    )


def way(label: str, page: str, *, key: str, icon: str | None = None, **words: str) -> None:
    """A link to another view of a page. Streamlit's own page link does not change the address there."""
    if st.button(label, key=key, icon=icon, type="tertiary"):
        st.switch_page(page, query_params=words)


def badge(state: str) -> None:
    colour, icon = STATES[state]
    st.badge(state, color=colour, icon=icon)  # type: ignore[arg-type]


def answer(given: Answer, model: Shelved) -> None:
    """One model's answer on a card: quantity, value with unit, interval, what is doubtful."""
    with st.container(border=True, height="stretch", gap="xxsmall"):
        if given.error:
            st.markdown(model.quantity.label)
            st.markdown(f":material/block: {given.error}")
        else:
            st.metric(model.quantity.label, _value(given, model.quantity))
            st.caption(_doubt(given))
        if given.learned:
            st.caption(":material/school: Was among the rows that this model learned from.")
        if given.caution:
            st.caption(f":orange[:material/warning: {given.caution}]")
        st.caption(f":material/inventory_2: {model.title}")


def scores(report: Report) -> None:
    """The network's scores in large type, and what they rest on."""
    quantity, network = report.experiment.quantity, report.network
    shown = [name for name in tables.SHOWN[report.experiment.task] if name in network.scores]
    with st.container(horizontal=True):
        for name in shown:
            st.metric(METRICS[name].label, words.score(name, network.scores[name], quantity), border=True)
        if report.interval is not None:
            st.metric(
                "90 % interval",
                f"± {words.with_unit(report.interval, words.score_unit(quantity))}",
                border=True,
                help=_coverage(report),
            )
        st.metric("Parameters", f"{report.n_parameters:,}", border=True)
        st.metric("Trained in", words.duration(report.seconds), border=True)
    st.caption(f"{words.basis(report)} {report.stopped}")


def leaderboard(rows: Sequence[Row], *, task: Task, quantity: Quantity, key: str) -> None:
    """Network and baselines, best first, as a table."""
    scored(tables.leaderboard(rows, task=task, quantity=quantity), key=key)


def scored(frame: tables.Frame, *, key: str) -> None:
    """A table of models with three significant digits and readable counts."""
    numbers = [name for name in frame.columns if frame[name].dtype.kind == "f"]
    config = {name: st.column_config.NumberColumn(format="%.4g") for name in numbers}
    config |= {name: st.column_config.TextColumn(width=280) for name in SENTENCES}
    config["parameters"] = st.column_config.NumberColumn("parameters", format="localized")
    config["seconds"] = st.column_config.NumberColumn("seconds", format="%.3g")
    st.dataframe(frame, key=key, hide_index=True, column_config=config, placeholder="–")


def test_rows(report: Report, *, key: str) -> None:
    """Predicted against measured for one chosen model: parity, or ROC and confusion."""
    named = {words.model(row): row for row in report.rows if row.predictions}
    if report.experiment.task == "classification":
        chart(figures.roc(report), key=f"{key}-roc")
    chosen = st.selectbox("Model", list(named), key=f"{key}-model")
    if report.experiment.task == "classification":
        chart(figures.confusion(report, named[chosen]), key=f"{key}-confusion")
        return
    chart(figures.parity(report, named[chosen]), key=f"{key}-parity")
    st.caption(_parity_note(report, named[chosen]))


def elements(report: Report, *, key: str) -> None:
    """Where in the periodic table the network errs."""
    chart(periodic_table.errors(report, report.network), key=key)
    error = (
        "error" if report.experiment.task == "regression" else "distance of the probability from the truth"
    )
    st.caption(f"Mean {error} of the network over the test rows that hold each element; darker is worse.")


def bars(report: Report, *, key: str) -> None:
    experiment = report.experiment
    metric = HEADLINE[experiment.task]
    chart(figures.leaderboard(report.rows, metric=metric, quantity=experiment.quantity), key=key)


def _value(given: Answer, quantity: Quantity) -> str:
    if given.value is None:
        return words.class_name(given.text, quantity) if given.text else "–"
    return words.predicted(given.value, given.low, given.high, given.unit)


def _doubt(given: Answer) -> str:
    if given.probability is not None:
        return f"probability {max(given.probability, 1 - given.probability):.0%}"
    interval = words.interval(given.low, given.high, given.unit)
    return f"90 % interval {interval}" if interval else "no interval"


def _coverage(report: Report) -> str:
    if report.interval_coverage is None:
        return "Half-width that held nine in ten validation rows."
    return (
        "Half-width that held nine in ten validation rows; "
        f"it held {report.interval_coverage:.0%} of the {report.n_test:,} test rows."
    )


def _parity_note(report: Report, row: Row) -> str:
    note = f"All {report.n_test:,} test rows; on the dotted line a prediction is exact."
    if row.kind == "network" and report.interval is not None:
        note += f" The band is the 90 % interval: it holds {report.interval_coverage or 0:.0%} of these rows."
    if report.n_test > figures.MOST_DOTS:
        note += " Darker squares hold more rows (logarithmic)."
    return note
