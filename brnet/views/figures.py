"""Every chart of the dashboard as a plotly figure, drawn from reports and columns, without a screen."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from brnet.materials.properties import Quantity
from brnet.training.metrics import METRICS, THRESHOLD
from brnet.training.report import Report, Row
from brnet.views import tables, words
from brnet.views.palette import BLUE, FAINT, GREY, ORANGE, SEQUENCE, SKY, TRANSPARENT, VERMILLION

if TYPE_CHECKING:
    from brnet.zoo.lookup import Answer

Figure = go.Figure
Scale = list[list[float | str]]  # plotly's colour scale: pairs of a share and a colour

MOST_POINTS = 500  # of one curve
MOST_DOTS = 5_000  # of one scatter; SVG grows slow beyond, so a density is drawn instead
BINS = 40
NETWORKS = [colour for colour in SEQUENCE if colour != GREY]  # grey is for baselines
FEW_EPOCHS = 12  # up to here every epoch has its tick
ROOM_FOR_LABELS = 0.16  # of the longest bar
DENSITY: Scale = [[0.0, "#CFE6F5"], [0.5, SKY], [1.0, "#00446B"]]


def loss_curves(
    columns: Mapping[str, Sequence[float]], *, run_id: str, unit: str = "", log_y: bool = False
) -> go.Figure:
    """Training and validation loss by epoch, the best validation epoch marked.

    `columns` holds epoch, train_loss and valid_loss of equal length. `uirevision` is the run's id, so zoom
    survives the next epoch.
    """
    epochs = np.asarray(columns["epoch"], dtype=float)
    figure = go.Figure()
    for name, key, colour in (("training", "train_loss", SKY), ("validation", "valid_loss", VERMILLION)):
        kept = _evenly(len(epochs), MOST_POINTS)
        losses = np.asarray(columns[key], dtype=float)
        figure.add_scatter(
            x=epochs[kept].tolist(),
            y=losses[kept].tolist(),
            name=name,
            mode="lines" if len(epochs) > FEW_EPOCHS else "lines+markers",
            line={"color": colour, "width": 2},
            hovertemplate=f"epoch %{{x}}<br>{name} %{{y:.4g}} {unit}<extra></extra>",
        )
    _mark_best(figure, epochs, np.asarray(columns["valid_loss"], dtype=float))
    figure.update_xaxes(title="epoch", dtick=1 if len(epochs) <= FEW_EPOCHS else None)
    figure.update_yaxes(title=f"loss ({unit})" if unit else "loss")
    if log_y:
        losses = np.array([*columns["train_loss"], *columns["valid_loss"]], dtype=float)
        figure.update_yaxes(type="log", **_log_ticks(losses, "{:g}".format))
    alt = f"Training and validation loss over {words.count(len(epochs), 'epoch')}"
    return _finish(figure, alt, height=340, revision=run_id)


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
        ticks = _log_ticks(np.array([low, high]), "{:g}".format)
        figure.update_xaxes(**ticks).update_yaxes(**ticks)
    figure.update_layout(showlegend=False)
    alt = f"{quantity.label} predicted by {words.model(row)} against measured, {len(actual):,} test rows"
    return _finish(figure, alt, height=430)


def histogram(values: np.ndarray, quantity: Quantity, *, classes: Sequence[str] = ()) -> go.Figure:
    """How the rows of a table spread over the target or its classes. values: (n,) as the table holds them."""
    figure = go.Figure()
    if classes:
        rows = [int(np.sum(values == index)) for index in range(len(classes))]
        names = [words.class_name(name, quantity) for name in classes]
        figure.add_bar(x=names, y=rows, marker_color=[SKY, BLUE], text=rows, width=0.5)
        figure.update_xaxes(title=quantity.label, type="category")
    else:
        shown = values if quantity.log10 else quantity.shown(values)
        counts, edges = np.histogram(shown, bins=min(BINS, max(5, round(len(values) ** 0.5))))
        title = f"log10 of {quantity.axis}" if quantity.log10 else quantity.axis
        figure.add_bar(
            x=((edges[:-1] + edges[1:]) / 2).tolist(),
            y=counts.tolist(),
            width=np.diff(edges).tolist(),
            marker={"color": BLUE, "line": {"width": 0}},
            hovertemplate=f"%{{x:.3g}} {quantity.unit}: %{{y}} rows<extra></extra>",
        )
        figure.update_xaxes(title=title)
    figure.update_yaxes(title="rows")
    figure.update_layout(bargap=0.05, showlegend=False)
    return _finish(figure, f"Histogram of {quantity.axis} over {len(values):,} rows", height=280)


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
    figure.update_xaxes(**_log_ticks(sizes, words.parameters))
    figure.update_yaxes(title=words.metric_label(metric, quantity))
    figure.update_layout(showlegend=False)
    return _finish(figure, "Score of each network against its number of parameters", height=320)


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
    return _finish(figure, "ROC curves of the network and the baselines on the test rows", height=430)


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
    return _finish(
        figure, f"Confusion matrix of {words.model(row)}: rows measured, columns predicted", height=360
    )


def answers(given: Sequence["Answer"], *, axis: str) -> go.Figure:
    """Predicted values of several formulas as dots with their 90 % intervals, in the order given."""
    values = [answer.value or 0.0 for answer in given]
    lows = [value if answer.low is None else answer.low for answer, value in zip(given, values, strict=True)]
    highs = [
        value if answer.high is None else answer.high for answer, value in zip(given, values, strict=True)
    ]
    labels = [answer.formula for answer in given]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=labels,
            mode="markers",
            marker={"color": BLUE, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - value for value, high in zip(values, highs, strict=True)],
                "arrayminus": [value - low for value, low in zip(values, lows, strict=True)],
                "color": SKY,
                "thickness": 3,
                "width": 0,
            },
            hovertemplate="%{y}: %{x:.4g}<extra></extra>",
        )
    )
    figure.update_xaxes(title=axis)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(showlegend=False)
    return _finish(
        figure, f"{axis} of {len(labels)} formulas with 90 % intervals", height=90 + 26 * len(labels)
    )


def _finish(figure: go.Figure, alt: str, *, height: int, revision: str = "keep") -> go.Figure:
    """What all figures share: no ground of their own, quiet grids, words for a screen reader."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        uirevision=revision,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        hoverlabel={"align": "left"},
        modebar={"bgcolor": TRANSPARENT, "color": GREY, "activecolor": BLUE},
        meta={"alt": alt},
    )
    figure.update_xaxes(gridcolor=FAINT, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=FAINT, zeroline=False, automargin=True)
    return figure


def _evenly(n: int, most: int) -> np.ndarray:
    """Indices of at most `most` of n points, evenly spread, the first and the last among them."""
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).round().astype(int))


def _log_ticks(values: np.ndarray, write: Callable[[Any], str]) -> dict[str, list[Any]]:
    """Ticks at 1, 2, 5, 10, … around the values, each with its whole number under it."""
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return {}
    powers = range(math.floor(np.log10(known.min())), math.ceil(np.log10(known.max())) + 1)
    places = [round(digit * 10.0**power, 12) for power in powers for digit in (1, 2, 5)]
    return {"tickvals": places, "ticktext": [write(int(at) if at >= 10 else at) for at in places]}


def _mark_best(figure: go.Figure, epochs: np.ndarray, losses: np.ndarray) -> None:
    finite = np.where(np.isfinite(losses), losses, np.inf)
    if not len(finite) or not np.isfinite(finite.min()):
        return
    best = int(np.argmin(finite))
    figure.add_scatter(
        x=[float(epochs[best])],
        y=[float(losses[best])],
        name="best so far",
        mode="markers",
        marker={"color": VERMILLION, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
        hovertemplate="best validation loss %{y:.4g}, epoch %{x}<extra></extra>",
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
    return _finish(figure, alt, height=80 + 30 * max(1, len(names)))


def _roc_curve(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False- and true-positive rates as the threshold falls; equal scores move together."""
    order = np.argsort(-scores, kind="stable")
    hits = truth[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(hits) - 1)
    true = np.append(0.0, np.cumsum(hits)[ends] / max(1, hits.sum()))
    false = np.append(0.0, np.cumsum(~hits)[ends] / max(1, (~hits).sum()))
    kept = _evenly(len(true), MOST_POINTS)
    return false[kept], true[kept]
