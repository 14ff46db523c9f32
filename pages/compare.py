"""Compare: several finished runs side by side, with every baseline, on the rows they were scored on."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.runs import database
from brnet.runs.database import Run
from brnet.training.metrics import HEADLINE, METRICS
from brnet.training.report import Report
from brnet.views import figures, tables, words
from pages.parts import reports, resources, state

LISTED = 200


def chosen() -> dict[str, Report]:
    """Title -> report of the runs that the address names."""
    finished = {run.id: run for run in database.list_runs(limit=LISTED) if run.state == "finished"}
    if not finished:
        return {}
    for name in state.choices("runs", list(finished), []):
        st.warning(f"There is no finished run {name!r} here; it may have been deleted.")
    st.multiselect(
        "Finished runs",
        list(finished),
        format_func=lambda run_id: _choice(finished[run_id]),
        key="runs",
        placeholder="Choose two or more",
    )
    found = {run_id: resources.report(run_id) for run_id in state.get("runs")}
    reports_of = {run_id: report for run_id, report in found.items() if report}
    names = tables.titles(reports_of)
    return {names[run_id]: report for run_id, report in reports_of.items()}


def _choice(run: Run) -> str:
    told = f"{words.network(run.experiment)}, seed {run.experiment.seed}"
    return f"{told}: {run.experiment.quantity.label} of {run.dataset_name} ({run.id})"


def compare(chosen_reports: dict[str, Report]) -> None:
    first = next(iter(chosen_reports.values()))
    if warning := tables.comparable(chosen_reports.values()):
        st.warning(warning, icon=":material/balance:")
    else:
        st.caption(words.basis(first))
    if not tables.same_quantity(chosen_reports.values()):
        return
    metric = _metric(first)
    quantity = first.experiment.quantity
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(words.metric_label(metric, quantity), anchor=False)
        reports.chart(figures.comparison(chosen_reports, metric=metric, quantity=quantity), key="bars")
        st.caption("Networks in colour, baselines in grey; best on top.")
    with right:
        st.subheader("Against size", anchor=False)
        reports.chart(
            figures.size_against_error(chosen_reports, metric=metric, quantity=quantity), key="size"
        )
    frame = tables.comparison(chosen_reports)
    reports.scored(frame, key="table")
    st.download_button(
        "This table as CSV",
        tables.csv_bytes(frame),
        file_name="comparison.csv",
        mime="text/csv",
        key="download_comparison",
        icon=":material/download:",
        on_click="ignore",
    )
    st.subheader("Test rows", anchor=False)
    title = st.selectbox("Run", list(chosen_reports), key="parity_run")
    reports.test_rows(chosen_reports[title], key="compare")


def _metric(report: Report) -> str:
    task = report.experiment.task
    return st.segmented_control(
        "Judge by",
        tables.SHOWN[task],
        default=HEADLINE[task],
        format_func=lambda name: METRICS[name].label,
        key=f"metric_{task}",
        required=True,
    )


st.title("Compare", anchor=False)
try:
    found = chosen()
    if found:
        compare(found)
    else:
        st.info(
            "Choose finished runs above. Runs of one dataset, split and seed are scored on the same rows, "
            "so their numbers can be held against each other."
            if database.list_runs(limit=1)
            else "There is no finished run yet; train one and it can be compared here.",
            icon=":material/leaderboard:",
        )
        st.page_link("train.py", label="Train a network", icon=":material/model_training:")
except BrnetError as error:
    st.error(str(error))
