"""Every chart of the dashboard as a plotly figure, drawn from reports and columns, without a screen."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from brnet.views import words
from brnet.views.canvas import DENSITY, MOST_POINTS, Figure, Scale, evenly, finish, log_ticks
from brnet.views.palette import BLUE, SKY, VERMILLION
from brnet.views.profile_figures import element_numbers, families, histogram, spreads
from brnet.views.score_figures import (
    MOST_DOTS,
    comparison,
    confusion,
    leaderboard,
    parity,
    roc,
    size_against_error,
)

if TYPE_CHECKING:
    from brnet.zoo.lookup import Answer

__all__ = [
    "DENSITY",
    "MOST_DOTS",
    "MOST_POINTS",
    "Figure",
    "Scale",
    "answers",
    "comparison",
    "confusion",
    "element_numbers",
    "families",
    "histogram",
    "leaderboard",
    "loss_curves",
    "parity",
    "roc",
    "size_against_error",
    "spreads",
]

FEW_EPOCHS = 12  # up to here every epoch has its tick


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
        kept = evenly(len(epochs), MOST_POINTS)
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
        figure.update_yaxes(type="log", **log_ticks(losses, "{:g}".format))
    alt = f"Training and validation loss over {words.count(len(epochs), 'epoch')}"
    return finish(figure, alt, height=340, revision=run_id)


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
    return finish(
        figure, f"{axis} of {len(labels)} formulas with 90 % intervals", height=90 + 26 * len(labels)
    )


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
