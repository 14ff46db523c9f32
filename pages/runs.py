"""Runs: the list of all, and one run at its own address while it trains and after."""

from collections.abc import Callable

import streamlit as st

from brnet.errors import BrnetError
from brnet.runs import database, store
from brnet.runs.database import Run
from brnet.training.report import Report
from brnet.views import words
from brnet.zoo import shelf
from brnet.zoo.card import command
from pages.parts import questions, reports, resources, state
from pages.parts import runs as parts

LISTED = 50
EVERY = 2  # seconds between looks at a run that trains


@st.fragment(run_every=EVERY)
def live(run_id: str) -> None:
    """The run as it trains; when it ends the whole page is drawn once more, without this fragment."""
    run = database.get_run(run_id)
    if not run.active:
        st.rerun()
    parts.headline(run)
    rows = database.rows_of(run_id)
    st.progress(parts.share(run), text=parts.progress_text(run, scored=len(rows)))
    _stop_buttons(run, trained=bool(rows))
    curves = database.epochs_of(run_id)
    if curves["epoch"]:
        parts.curves(run, curves)
    if rows:
        st.markdown("**Leaderboard so far**")
        reports.leaderboard(rows, task=run.experiment.task, quantity=run.experiment.quantity, key="rows")


def _stop_buttons(run: Run, *, trained: bool) -> None:
    if run.stopping:
        st.caption(":material/hourglass_top: Stopping …")
        return
    with st.container(horizontal=True):
        if run.epoch:
            st.button(
                "Finish now, skip the other baselines" if trained else "Finish now, keep the best",
                key="finish",
                on_click=_ask,
                args=(database.request_finish, run.id),
                icon=":material/flag:",
                help="The best epoch so far is kept; baselines that are not fitted yet are left out.",
            )
        st.button(
            "Cancel",
            key="cancel",
            on_click=_ask,
            args=(database.request_cancel, run.id),
            icon=":material/stop:",
        )


def _ask(request: Callable[[str], bool], run_id: str) -> None:
    try:
        request(run_id)
    except BrnetError as error:
        state.tell(str(error), error=True)


def ended(run: Run) -> None:
    """A run that will not change any more."""
    parts.headline(run)
    report = resources.report(run.id) if run.state == "finished" else None
    if run.state == "failed":
        st.error(run.message)
    if run.state == "cancelled":
        st.info("This run was cancelled; its curves up to then are kept.", icon=":material/cancel:")
    if report:
        finished(run, report)
    else:
        _what_is_left(run)
    with st.expander("Delete this run", key="delete_box"):
        st.markdown("Its curves, scores and model are removed; published models stay.")
        st.button("Delete", key="delete", on_click=_delete, args=(run.id,), icon=":material/delete:")


def finished(run: Run, report: Report) -> None:
    """Scores, comparison, curve and test rows, and what can be done with the model."""
    reports.scores(report)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Leaderboard", anchor=False)
        reports.bars(report, key="bars")
        st.subheader("Learning curve", anchor=False)
        parts.curves(run, database.epochs_of(run.id))
    with right:
        st.subheader("Test rows", anchor=False)
        reports.test_rows(report, key="test")
    st.subheader("All scores", anchor=False)
    reports.leaderboard(
        report.rows, task=report.experiment.task, quantity=report.experiment.quantity, key="rows"
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Where it errs", anchor=False)
        reports.elements(report, key="elements")
    with right:
        _publish(run)
        _go_on(run)
    _take_along(run, report)


def _what_is_left(run: Run) -> None:
    """Curves and scores of a run without a report."""
    curves = database.epochs_of(run.id)
    if curves["epoch"]:
        parts.curves(run, curves)
    rows = database.rows_of(run.id)
    if rows:
        reports.leaderboard(rows, task=run.experiment.task, quantity=run.experiment.quantity, key="rows")
    st.page_link("train.py", label="Train with other settings", icon=":material/model_training:")


def _go_on(run: Run) -> None:
    st.subheader("Go on", anchor=False)
    st.page_link(
        "compare.py",
        label="Compare with other runs",
        icon=":material/leaderboard:",
        query_params={"runs": run.id},
    )
    st.page_link(
        "train.py",
        label="Train another network on this table",
        icon=":material/model_training:",
        query_params=questions.of_experiment(run.experiment).words,
    )


def _publish(run: Run) -> None:
    st.subheader("Put it on the shelf", anchor=False)
    st.markdown("A model on the shelf answers on the Home and Look up pages, for everybody on this server.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name of the model", key="publish_name", placeholder="oxide-gaps", width=220)
        st.button("Publish", key="publish", on_click=_put_on_shelf, args=(run,), icon=":material/upload:")
    state.show_told()
    if published := state.get(f"_published_{run.id}"):
        st.page_link(
            "lookup.py",
            label=f"Ask {published} about formulas",
            icon=":material/search:",
            query_params={"models": published},
        )


def _put_on_shelf(run: Run) -> None:
    try:
        stored = store.get_table(run.experiment.dataset)
        name = shelf.publish(
            store.run_folder(run.id),
            state.get("publish_name", "").strip(),
            source=stored.source,
            licence=stored.licence or "unknown",
        )
    except BrnetError as error:
        state.tell(str(error), error=True)
        return
    resources.forget_shelf()
    state.put(**{f"_published_{run.id}": name})
    state.tell(f"{name} is on the shelf and answers on the Home and Look up pages.")


def _take_along(run: Run, report: Report) -> None:
    st.subheader("Take it along", anchor=False)
    folder = store.run_folder(run.id)
    with st.container(horizontal=True):
        for name, mime in (("report.json", "application/json"), ("predictions.csv", "text/csv")):
            st.download_button(
                name,
                (folder / name).read_bytes(),
                file_name=f"{run.id}-{name}",
                mime=mime,
                key=f"download_{name}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption("The command that asks the same question of the same file again:")
    st.code(command(report), language="bash", wrap_lines=True)
    with st.expander("A paragraph of methods", key="methods"):
        st.code(words.methods(report), language=None, wrap_lines=True)
    with st.expander("Every setting", key="settings"):
        st.json(report.experiment.model_dump(mode="json"))
        st.json(report.versions | {"device": report.device, "finished": report.finished_at})


def _delete(run_id: str) -> None:
    try:
        database.delete_run(run_id)
        state.put_url(run="")
        state.tell("The run is deleted.")
    except BrnetError as error:
        state.tell(str(error), error=True)


@st.fragment(run_every=5)
def listed() -> None:
    """All runs, newest first."""
    found = database.list_runs(limit=LISTED)
    if not found:
        st.info("Nothing was trained here yet.", icon=":material/show_chart:")
        st.page_link("train.py", label="Train a first network", icon=":material/model_training:")
    for run in found:
        parts.line(run)


try:
    if run_id := state.url("run"):
        run = database.get_run(run_id)
        reports.way("All runs", "runs.py", key="all_runs", icon=":material/arrow_back:")
        if run.active:
            live(run_id)
        else:
            ended(run)
    else:
        st.title("Runs", anchor=False)
        state.show_told()
        listed()
except BrnetError as error:
    st.error(str(error))
    reports.way("All runs", "runs.py", key="all_runs_from_error", icon=":material/list:")
