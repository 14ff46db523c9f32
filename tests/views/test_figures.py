"""The charts hold the data they were given, in the unit they name."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from sklearn.metrics import roc_curve

from brnet.materials.properties import Quantity
from brnet.training.report import Report
from brnet.views import figures
from brnet.zoo.lookup import Answer

MakeReport = Callable[..., Report]
BULK = Quantity(label="bulk modulus", unit="GPa", log10=True)


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


def test_parity_keeps_every_test_row_with_its_formula(make_report: MakeReport) -> None:
    report = make_report()
    dots = _trace(figures.parity(report, report.network), "test row")
    assert tuple(dots.x) == report.test_values
    assert tuple(dots.y) == report.network.predictions
    assert tuple(dots.text) == report.test_formulas


def test_parity_of_logarithms_is_drawn_in_the_unit_on_logarithmic_axes(make_report: MakeReport) -> None:
    report = make_report((1.0, 2.0), (1.0, 2.5), (1.5, 1.5), quantity=BULK)
    figure = figures.parity(report, report.network)
    assert tuple(_trace(figure, "test row").x) == (10.0, 100.0)
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.title.text == "measured bulk modulus (GPa)"


def test_parity_of_many_rows_is_a_density_that_counts_every_row(make_report: MakeReport) -> None:
    n = figures.MOST_DOTS + 1
    values = tuple(np.random.default_rng(0).normal(size=n).tolist())
    report = make_report(values, values, values, formulas=("GaN",) * n)
    (density,) = (trace for trace in figures.parity(report, report.network).data if trace.type == "heatmap")
    assert np.sum(density.customdata) == n


def test_the_band_of_the_parity_plot_is_as_wide_as_the_interval(make_report: MakeReport) -> None:
    report = make_report()
    band = _trace(figures.parity(report, report.network), "90 % interval")
    assert np.ptp(np.array(band.y)[[0, -1]]) == pytest.approx(2 * report.interval)
    assert not [trace for trace in figures.parity(report, report.rows[1]).data if trace.fill]


def test_a_histogram_counts_every_row() -> None:
    values = np.linspace(0, 5, 137)
    (bars,) = figures.histogram(values, Quantity(label="band gap", unit="eV")).data
    assert sum(bars.y) == 137


def test_a_histogram_of_classes_has_one_bar_a_class() -> None:
    (bars,) = figures.histogram(np.array([0.0, 1, 1]), Quantity(label="metal"), classes=("0", "1")).data
    assert (tuple(bars.x), tuple(bars.y)) == (("not metal", "metal"), (1, 2))


@pytest.mark.parametrize(("metric", "best"), [("mae", "BRNet"), ("max_error", "BRNet"), ("r2", "BRNet")])
def test_the_best_model_stands_on_top_whichever_way_is_better(
    make_report: MakeReport, metric: str, best: str
) -> None:
    report = make_report()
    (bars,) = figures.leaderboard(report.rows, metric=metric, quantity=report.experiment.quantity).data
    assert bars.y[-1] == best  # plotly draws the last bar on top


def test_errors_of_logarithms_carry_the_unit_of_the_logarithm(make_report: MakeReport) -> None:
    report = make_report((1.0, 2.0), (1.0, 2.5), (1.5, 1.5), quantity=BULK)
    figure = figures.leaderboard(report.rows, metric="mae", quantity=BULK)
    assert figure.layout.xaxis.title.text == "MAE (log10(GPa))"


def test_the_roc_curve_is_that_of_scikit_learn(make_report: MakeReport) -> None:
    generator = np.random.default_rng(1)
    truth = generator.integers(0, 2, 300).astype(float)
    scores = np.round(np.clip(0.3 * truth + generator.random(300), 0, 1), 2)  # with ties
    report = make_report(
        tuple(truth), tuple(scores), tuple(scores), task="classification", formulas=("GaN",) * 300
    )
    drawn = _trace(figures.roc(report), "BRNet")
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(drawn.x, false)
    np.testing.assert_allclose(drawn.y, true)


def test_the_confusion_matrix_counts_rows_by_truth_and_prediction(make_report: MakeReport) -> None:
    report = make_report((0, 0, 1, 1), (0.2, 0.5, 0.9, 0.1), (0.4,) * 4, task="classification")
    (matrix,) = figures.confusion(report, report.network).data
    assert np.array(matrix.text).tolist() == [["1 row", "1 row"], ["1 row", "1 row"]]
    assert np.array(matrix.z).tolist() == [[0.5, 0.5], [0.5, 0.5]]


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
