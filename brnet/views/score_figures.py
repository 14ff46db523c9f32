"""How good models are: predicted against measured, leaderboards, ROC curves, confusion."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from brnet.materials.properties import Quantity
from brnet.training.metrics import METRICS, THRESHOLD
from brnet.training.report import Report, Row
from brnet.views import tables, words
from brnet.views.canvas import DENSITY, MOST_POINTS, evenly, finish, log_ticks
from brnet.views.palette import BLUE, GREY, ORANGE, SEQUENCE

MOST_DOTS = 5_000  # of one scatter; SVG grows slow beyond, so a density is drawn instead
NETWORKS = [colour for colour in SEQUENCE if colour != GREY]  # grey is for baselines
ROOM_FOR_LABELS = 0.16  # of the longest bar


def parity(report: Report, row: Row) -> go.Figure:
    """Predicted against measured for every test row of one model, the 90 % interval as a band.

    The values are shown in the quantity's unit. Up to 5,000 rows are dots, more are a density that
    still counts every row.
    """
    quantity = report.experiment.quantity
    actual = quantity.shown(np.asarray(report.test_values))
    predicted = quantity.shown(np.asarray(row.predictions))
    figure = go.Figure()
    low, high = _range(np.concatenate([actual, predicted]), log=quantity.log10)
    _parity_guides(figure, report, row, low, high)
    if len(actual) > MOST_DOTS:
        _density(figure, actual, predicted, log=quantity.log10)
    else:
        figure.add_scatter(
            x=actual.tolist(),
            y=predicted.tolist(),
            text=list(report.test_formulas),
            mode="markers",
            name="test row",
            marker={"color": BLUE if row.kind == "network" else ORANGE, "size": 6, "opacity": 0.65},
            hovertemplate=f"%{{text}}<br>measured %{{x:.4g}} {quantity.unit}"
            f"<br>predicted %{{y:.4g}} {quantity.unit}<extra></extra>",
        )
    shown = [float(np.log10(low)), float(np.log10(high))] if quantity.log10 else [low, high]
    scale = "log" if quantity.log10 else "linear"
    figure.update_xaxes(title=f"measured {quantity.axis}", range=shown, type=scale, constrain="domain")
    figure.update_yaxes(title=f"predicted {quantity.axis}", range=shown, type=scale)
    figure.update_yaxes(scaleanchor="x", constrain="domain")
    if quantity.log10:
        ticks = log_ticks(np.array([low, high]), "{:g}".format)
        figure.update_xaxes(**ticks).update_yaxes(**ticks)
    figure.update_layout(showlegend=False)
    alt = f"{quantity.label} predicted by {words.model(row)} against measured, {len(actual):,} test rows"
    return finish(figure, alt, height=430)


def leaderboard(rows: Sequence[Row], *, metric: str, quantity: Quantity) -> go.Figure:
    """One bar a model, best on top, networks in blue and baselines in grey."""
    scored = [row for row in rows if metric in row.scores]
    names = [words.model(row) for row in scored]
    return _bars(
        names,
        [row.scores[metric] for row in scored],
        [BLUE if row.kind == "network" else GREY for row in scored],
        metric=metric,
        quantity=quantity,
    )


def comparison(reports: Mapping[str, Report], *, metric: str, quantity: Quantity) -> go.Figure:
    """One bar a model of several runs, best on top; each network has its colour, baselines are grey.

    `reports` maps a run's title to its report.
    """
    colours = dict(zip(reports, itertools.cycle(NETWORKS), strict=False))
    shown = [line for line in tables.contenders(reports) if metric in line.row.scores]
    return _bars(
        [line.label for line in shown],
        [line.row.scores[metric] for line in shown],
        [colours[line.run] if line.row.kind == "network" else GREY for line in shown],
        metric=metric,
        quantity=quantity,
    )


def size_against_error(reports: Mapping[str, Report], *, metric: str, quantity: Quantity) -> go.Figure:
    """Each run's network as a dot: trainable parameters against its score on the test rows."""
    figure = go.Figure()
    colours = dict(zip(reports, itertools.cycle(NETWORKS), strict=False))
    for title, report in reports.items():
        if metric in report.network.scores:
            figure.add_scatter(
                x=[report.n_parameters],
                y=[report.network.scores[metric]],
                mode="markers+text",
                text=[report.experiment.architecture],
                textposition="top center",
                marker={"color": colours[title], "size": 12},
                cliponaxis=False,
                hovertemplate=f"{title}<br>%{{x:,}} parameters<br>%{{y:.4g}}<extra></extra>",
            )
    sizes = np.array([report.n_parameters for report in reports.values()], dtype=float)
    wide = [float(np.log10(sizes.min() / 2)), float(np.log10(sizes.max() * 2))]
    figure.update_xaxes(title="trainable parameters", type="log", range=wide)
    figure.update_xaxes(**log_ticks(sizes, words.parameters))
    figure.update_yaxes(title=words.metric_label(metric, quantity))
    figure.update_layout(showlegend=False)
    return finish(figure, "Score of each network against its number of parameters", height=320)


def roc(report: Report) -> go.Figure:
    """True-positive against false-positive rate of every model on the same test rows."""
    truth = np.asarray(report.test_values) > THRESHOLD
    figure = go.Figure()
    _line(figure, [0, 1], [0, 1], name="chance")
    for index, row in enumerate(row for row in report.rows if row.predictions):
        false, true = _roc_curve(truth, np.asarray(row.predictions))
        network = row.kind == "network"
        figure.add_scatter(
            x=false.tolist(),
            y=true.tolist(),
            name=words.model(row),
            mode="lines",
            line={"color": SEQUENCE[index % len(SEQUENCE)], "width": 3 if network else 1.5},
            visible=True if network or index < 4 else "legendonly",
            hovertemplate=f"{words.model(row)}<br>false %{{x:.0%}}, true positives %{{y:.0%}}<extra></extra>",
        )
    figure.update_xaxes(title="false-positive rate", range=[-0.02, 1.02], constrain="domain")
    figure.update_yaxes(title="true-positive rate", range=[-0.02, 1.02], scaleanchor="x", constrain="domain")
    return finish(figure, "ROC curves of the network and the baselines on the test rows", height=430)


def confusion(report: Report, row: Row) -> go.Figure:
    """How many test rows of each class were given which class, at a probability of one half."""
    truth = (np.asarray(report.test_values) > THRESHOLD).astype(int)
    said = (np.asarray(row.predictions) >= THRESHOLD).astype(int)
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (truth, said), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    quantity = report.experiment.quantity
    classes = [words.class_name(name, quantity) for name in report.classes or ("0", "1")]
    figure = go.Figure(
        go.Heatmap(
            x=classes,
            y=classes,
            z=share.tolist(),
            text=[[words.count(n, "row") for n in line] for line in counts.tolist()],
            texttemplate="%{text}<br>%{z:.0%}",
            colorscale=DENSITY,
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="measured %{y}, predicted %{x}: %{text}<extra></extra>",
        )
    )
    figure.update_xaxes(title="predicted", type="category", showgrid=False, constrain="domain")
    figure.update_yaxes(title="measured", type="category", showgrid=False, autorange="reversed")
    return finish(
        figure, f"Confusion matrix of {words.model(row)}: rows measured, columns predicted", height=360
    )


def _line(figure: go.Figure, x: Sequence[float], y: Sequence[float], *, name: str) -> None:
    figure.add_scatter(
        x=list(x),
        y=list(y),
        name=name,
        mode="lines",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )


def _parity_guides(figure: go.Figure, report: Report, row: Row, low: float, high: float) -> None:
    """The diagonal, and for the network the band that should hold nine rows in ten."""
    quantity = report.experiment.quantity
    if row.kind == "network" and report.interval is not None:
        stops = np.linspace(np.log10(low), np.log10(high), 60) if quantity.log10 else np.array([low, high])
        upper, lower = stops + report.interval, stops - report.interval
        if quantity.log10:
            stops, upper, lower = 10**stops, 10**upper, 10**lower
        figure.add_scatter(
            x=[*stops.tolist(), *stops[::-1].tolist()],
            y=[*upper.tolist(), *lower[::-1].tolist()],
            fill="toself",
            fillcolor="rgba(86,180,233,0.16)",
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name="90 % interval",
        )
    _line(figure, [low, high], [low, high], name="perfect")


def _range(values: np.ndarray, *, log: bool) -> tuple[float, float]:
    """Axis limits around all values with a little air; positive where the axis is logarithmic."""
    low, high = float(np.min(values)), float(np.max(values))
    if log:
        low = max(low, high * 1e-9, 1e-300)
        return low / 1.2, high * 1.2
    air = 0.04 * (high - low) or 1.0
    return low - air, high + air


def _density(figure: go.Figure, x: np.ndarray, y: np.ndarray, *, log: bool) -> None:
    """Counts of all rows on a grid; the colour is the logarithm, the hover the count."""
    both = np.concatenate([x, y])
    low, high = _range(both, log=log)
    edges = np.geomspace(low, high, 71) if log else np.linspace(low, high, 71)
    counts, _, _ = np.histogram2d(y, x, bins=(edges, edges))
    centres = np.sqrt(edges[:-1] * edges[1:]) if log else (edges[:-1] + edges[1:]) / 2
    figure.add_heatmap(
        x=centres.tolist(),
        y=centres.tolist(),
        z=np.where(counts > 0, np.log10(np.maximum(counts, 1)), np.nan).tolist(),
        customdata=counts.astype(int).tolist(),
        colorscale=DENSITY,
        showscale=False,
        hoverongaps=False,
        hovertemplate="measured %{x:.3g}, predicted %{y:.3g}: %{customdata} rows<extra></extra>",
    )


def _bars(
    names: Sequence[str],
    values: Sequence[float],
    colours: Sequence[str],
    *,
    metric: str,
    quantity: Quantity,
) -> go.Figure:
    """Horizontal bars, best on top."""
    order = sorted(range(len(names)), key=lambda i: values[i], reverse=METRICS[metric].better == "lower")
    figure = go.Figure(
        go.Bar(
            x=[values[i] for i in order],
            y=[names[i] for i in order],
            orientation="h",
            marker={"color": [colours[i] for i in order], "line": {"width": 0}},
            text=[words.number(values[i]) for i in order],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.4g}<extra></extra>",
        )
    )
    least, most = min([0.0, *values]), max([0.0, *values])
    room = ROOM_FOR_LABELS * (most - least)  # the number stands beside its bar
    figure.update_xaxes(
        title=words.metric_label(metric, quantity), range=[least - (room if least < 0 else 0), most + room]
    )
    figure.update_yaxes(type="category", showgrid=False)
    figure.update_layout(bargap=0.35, showlegend=False)
    alt = f"{METRICS[metric].label} of {len(names)} models, best on top"
    return finish(figure, alt, height=80 + 30 * max(1, len(names)))


def _roc_curve(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False- and true-positive rates as the threshold falls; equal scores move together."""
    order = np.argsort(-scores, kind="stable")
    hits = truth[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(hits) - 1)
    true = np.append(0.0, np.cumsum(hits)[ends] / max(1, hits.sum()))
    false = np.append(0.0, np.cumsum(~hits)[ends] / max(1, (~hits).sum()))
    kept = evenly(len(true), MOST_POINTS)
    return false[kept], true[kept]
