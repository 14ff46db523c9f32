"""Charts of how good models are hold the data they were given, in the unit they name."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from sklearn.metrics import roc_curve

from brnet.materials.properties import Quantity
from brnet.training.report import Report
from brnet.views import score_figures as figures

MakeReport = Callable[..., Report]
BULK = Quantity(label="bulk modulus", unit="GPa", log10=True)


def _trace(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


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
