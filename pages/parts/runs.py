"""Draw runs: a line in a list, the head of a page, the state in words."""

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from brnet.runs import database
from brnet.runs.database import Run
from brnet.training.experiment import Experiment
from brnet.training.metrics import HEADLINE
from brnet.views import figures, words
from pages.parts import reports, resources


def line(run: Run) -> None:
    """One run as a link with its state and its best-known fact."""
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            reports.badge(run.state)
            reports.way(run.title, "runs.py", key=f"open_{run.id}", run=run.id)
        st.caption(f"{fact(run)} · {words.network(run.experiment)} · {words.ago(run.created)}")


def headline(run: Run) -> None:
    """Title, state, and what was asked."""
    experiment = run.experiment
    st.title(run.title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        reports.badge(run.state)
        st.caption(
            f"{words.network(experiment)} · recipe {experiment.recipe} · tested on "
            f"{words.tested(experiment)} · seed {experiment.seed} · {words.ago(run.created)}",
            width="content",
        )


def share(run: Run) -> float:
    """How much of the training is done, between 0 and 1."""
    return min(1.0, run.epoch / run.epochs) if run.epochs else 0.0


def progress_text(run: Run, *, scored: int) -> str:
    """Where the run stands, in one line."""
    if run.state == "queued":
        place = f"Number {run.queue_position} in the queue" if run.queue_position else "In the queue"
        return f"{place}; you can leave this page and come back."
    if run.began is None:
        return "Reading and splitting the table …"
    if scored:
        done, all_rows = scored, 1 + len(run.experiment.baselines)
        return f"The network is trained; {done} of {all_rows} models scored, the baselines are being fitted …"
    told = progress(run)
    return f"{told[:1].upper()}{told[1:]} · {run.began.n_parameters:,} parameters · {run.began.device}"


def curves(run: Run, columns: Mapping[str, Sequence[float]]) -> None:
    """The learning curve so far, with a choice of axis."""
    unit = words.score_unit(run.experiment.quantity) if run.experiment.task == "regression" else ""
    log_y = st.toggle("Logarithmic", value=True, key="log_y")
    reports.chart(figures.loss_curves(columns, run_id=run.id, unit=unit, log_y=log_y), key="curves")
    st.caption(_best(columns, unit))


def fact(run: Run) -> str:
    """What one would ask of this run first: its place, its progress, its score, its reason."""
    if run.state == "queued":
        return f"number {run.queue_position} in the queue" if run.queue_position else "waiting"
    if run.state == "running":
        return progress(run)
    if run.state == "finished":
        return score(run)
    return run.message or run.state


def progress(run: Run) -> str:
    """'epoch 34 of 100, 12 s left'."""
    if not run.epochs:
        return "reading the table"
    told = f"epoch {run.epoch} of {run.epochs}"
    return f"{told}, about {words.duration(run.seconds_left)} left" if run.seconds_left else told


def same(experiment: Experiment) -> Run | None:
    """A run of the very same question that waits, trains, or answered it in full."""
    newest = database.list_runs()
    asked = next((run for run in newest if run.active and run.experiment == experiment), None)
    if asked:
        return asked
    return database.find_answer(experiment)


def score(run: Run) -> str:
    """The network's headline score: 'MAE 0.41 eV'."""
    report = resources.report(run.id)
    if report is None:
        return "finished"
    name = HEADLINE[run.experiment.task]
    value = report.network.scores.get(name)
    label = words.METRICS[name].label
    return f"{label} {words.score(name, value, run.experiment.quantity)}"


def _best(columns: Mapping[str, Sequence[float]], unit: str) -> str:
    """The best validation loss so far, with its epoch and unit."""
    losses = zip(columns["valid_loss"], columns["epoch"], strict=True)
    finite = [(loss, epoch) for loss, epoch in losses if math.isfinite(loss)]
    if not finite:
        return "No finite validation loss yet."
    loss, epoch = min(finite)
    return f"Best validation loss {words.with_unit(loss, unit)} at epoch {epoch:.0f}; its weights are kept."
