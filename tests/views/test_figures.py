"""The charts hold the data they were given, in the unit they name."""

from collections.abc import Callable

import plotly.graph_objects as go
import pytest

from brnet.training.report import Report
from brnet.views import figures
from brnet.zoo.lookup import Answer

MakeReport = Callable[..., Report]


def _trace(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def _curves(n: int) -> dict[str, list[float]]:
    epochs = list(range(1, n + 1))
    return {
        "epoch": [float(epoch) for epoch in epochs],
        "train_loss": [1 / epoch for epoch in epochs],
        "valid_loss": [1 / epoch + abs(epoch - n / 2) / n for epoch in epochs],
    }


@pytest.mark.parametrize("n", [1, 7, 499, 500, 501, 3000])
def test_a_curve_keeps_its_ends_and_at_most_500_points(n: int) -> None:
    columns = _curves(n)
    drawn = _trace(figures.loss_curves(columns, run_id="abc"), "training")
    assert len(drawn.x) == min(n, 500)
    assert (drawn.x[0], drawn.y[0]) == (1, columns["train_loss"][0])
    assert (drawn.x[-1], drawn.y[-1]) == (n, columns["train_loss"][-1])


def test_the_best_epoch_is_marked_though_its_point_was_thinned_out() -> None:
    columns = _curves(3000)
    best = _trace(figures.loss_curves(columns, run_id="abc"), "best so far")
    assert best.y[0] == min(columns["valid_loss"])


def test_a_curve_that_broke_down_marks_the_best_finite_epoch() -> None:
    columns = _curves(3) | {"valid_loss": [2.0, 1.0, float("nan")]}
    assert _trace(figures.loss_curves(columns, run_id="abc"), "best so far").x[0] == 2


def test_logarithmic_ticks_show_whole_numbers() -> None:
    axis = figures.loss_curves(_curves(20), run_id="abc", log_y=True).layout.yaxis
    assert dict(zip(axis.ticktext, axis.tickvals, strict=True))["0.05"] == 0.05


def test_zoom_survives_a_new_epoch_of_the_same_run_only() -> None:
    first, second = (figures.loss_curves(_curves(n), run_id="abc") for n in (3, 4))
    other = figures.loss_curves(_curves(3), run_id="xyz")
    assert first.layout.uirevision == second.layout.uirevision != other.layout.uirevision


def test_answers_are_drawn_with_both_ends_of_their_intervals() -> None:
    given = [Answer(formula="GaN", value=3.0, low=2.5, high=4.0, unit="eV")]
    (dots,) = figures.answers(given, axis="band gap (eV)").data
    assert (dots.x[0] - dots.error_x.arrayminus[0], dots.x[0] + dots.error_x.array[0]) == (2.5, 4.0)


def test_every_figure_has_words_and_no_ground(make_report: MakeReport) -> None:
    report = make_report()
    drawn = (
        figures.loss_curves(_curves(3), run_id="abc"),
        figures.parity(report, report.network),
        figures.comparison({"a": report}, metric="mae", quantity=report.experiment.quantity),
        figures.size_against_error({"a": report}, metric="mae", quantity=report.experiment.quantity),
    )
    for figure in drawn:
        assert figure.layout.meta["alt"]
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert not [trace for trace in figure.data if trace.type == "scattergl"]


def test_every_chart_is_found_in_one_place() -> None:
    assert all(callable(getattr(figures, name)) for name in figures.__all__ if name.islower())
