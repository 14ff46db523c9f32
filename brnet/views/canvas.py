"""What all figures share: their type, their scales of colour, their margins and grids, their ticks."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from brnet.views.palette import BLUE, FAINT, GREY, SKY, TRANSPARENT

Figure = go.Figure
Scale = list[list[float | str]]  # plotly's colour scale: pairs of a share and a colour

MOST_POINTS = 500  # of one curve
DENSITY: Scale = [[0.0, "#CFE6F5"], [0.5, SKY], [1.0, "#00446B"]]


def finish(figure: go.Figure, alt: str, *, height: int, revision: str = "keep") -> go.Figure:
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


def evenly(n: int, most: int) -> np.ndarray:
    """Indices of at most `most` of n points, evenly spread, the first and the last among them."""
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).round().astype(int))


def log_ticks(values: np.ndarray, write: Callable[[Any], str]) -> dict[str, list[Any]]:
    """Ticks at 1, 2, 5, 10, … around the values, each with its whole number under it."""
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return {}
    powers = range(math.floor(np.log10(known.min())), math.ceil(np.log10(known.max())) + 1)
    places = [round(digit * 10.0**power, 12) for power in powers for digit in (1, 2, 5)]
    return {"tickvals": places, "ticktext": [write(int(at) if at >= 10 else at) for at in places]}
