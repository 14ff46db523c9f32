"""The periodic table as a picture: how often each element occurs, how wrong a model is where it occurs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from brnet.materials.elements import SYMBOLS
from brnet.materials.formula import Composition, read_formulas
from brnet.training.report import Report, Row
from brnet.views import words
from brnet.views.figures import DENSITY, Scale
from brnet.views.palette import FAINT, GREY, TRANSPARENT

COLUMNS = 18
F_BLOCK_ROW = 8.4  # lanthanides and actinides hang below, with a gap
_PERIOD_STARTS = (1, 3, 11, 19, 37, 55, 87, 119)  # first atomic number of each period, and one past the last
_WARM: Scale = [[0.0, "#FBE3D1"], [0.5, "#E8894A"], [1.0, "#A34600"]]


def position(atomic_number: int) -> tuple[float, int]:
    """(row, column) of an element, both from 1; the f block fills rows 8.4 and 9.4 from column 4."""
    period = next(i for i, start in enumerate(_PERIOD_STARTS[1:], start=1) if atomic_number < start)
    offset = atomic_number - _PERIOD_STARTS[period - 1]
    length = _PERIOD_STARTS[period] - _PERIOD_STARTS[period - 1]
    if length == 32 and 2 <= offset <= 15:
        return F_BLOCK_ROW + (period - 6), offset + 2
    if offset < 2 and not (period == 1 and offset == 1):
        return period, offset + 1
    return period, COLUMNS - (length - 1 - offset)


def element_counts(compositions: Iterable[Composition]) -> dict[str, int]:
    """Element -> number of compositions that hold it."""
    return dict(Counter(element for composition in compositions for element in composition.elements))


def coverage(counts: Mapping[str, int]) -> go.Figure:
    """How many rows hold each element; the colour follows the logarithm, absent elements stay blank."""
    present = {element: n for element, n in counts.items() if n > 0}
    hover = {element: f"{element}: {words.count(n, 'row')}" for element, n in present.items()}
    logarithms = {element: float(np.log10(n)) for element, n in present.items()}
    alt = f"Periodic table: {len(present)} elements occur in the table"
    return _draw(logarithms, hover, colorscale=DENSITY, alt=alt)


def errors(report: Report, row: Row) -> go.Figure:
    """Mean absolute error of one model over the test rows that hold each element."""
    misses: dict[str, list[float]] = defaultdict(list)
    wrong = np.abs(np.asarray(row.predictions) - np.asarray(report.test_values))
    for composition, miss in zip(read_formulas(report.test_formulas), wrong, strict=True):
        if isinstance(composition, Composition):
            for element in composition.elements:
                misses[element].append(float(miss))
    means = {element: float(np.mean(values)) for element, values in misses.items()}
    unit = words.score_unit(report.experiment.quantity)
    hover = {
        element: f"{element}: mean error {words.with_unit(mean, unit)}"
        f"<br>{words.count(len(misses[element]), 'test row')}"
        for element, mean in means.items()
    }
    alt = f"Periodic table: mean absolute error of {words.model(row)} by element"
    return _draw(means, hover, colorscale=_WARM, alt=alt)


def _draw(values: Mapping[str, float], hover: Mapping[str, str], *, colorscale: Scale, alt: str) -> go.Figure:
    """Cells that grow with the page: coloured where there is a value, faint elsewhere."""
    fills = _fills(values, colorscale)
    places = {symbol: position(number) for number, symbol in enumerate(SYMBOLS, start=1)}
    figure = go.Figure(
        go.Scatter(
            x=[column for _, column in places.values()],
            y=[row for row, _ in places.values()],
            text=list(places),
            hovertext=[hover.get(symbol, f"{symbol}: none") for symbol in places],
            mode="text",
            textfont={"size": 10, "color": [_ink(fills.get(symbol)) for symbol in places]},
            hoverinfo="text",
        )
    )
    figure.update_layout(
        shapes=[_cell(row, column, fills.get(symbol, FAINT)) for symbol, (row, column) in places.items()],
        height=300,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        showlegend=False,
        uirevision="keep",
        meta={"alt": alt},
    )
    figure.update_xaxes(visible=False, range=[0.45, COLUMNS + 0.55], fixedrange=True)
    figure.update_yaxes(visible=False, range=[F_BLOCK_ROW + 1.6, 0.4], fixedrange=True)
    return figure


def _fills(values: Mapping[str, float], colorscale: Scale) -> dict[str, tuple[float, ...]]:
    """Symbol -> red, green, blue between 0 and 1 on the scale from the least value to the greatest."""
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    shares = [(value - low) / (high - low) if high > low else 0.5 for value in values.values()]
    return dict(zip(values, sample_colorscale(colorscale, shares, colortype="tuple"), strict=True))


def _cell(row: float, column: int, fill: tuple[float, ...] | str) -> dict[str, object]:
    return {
        "type": "rect",
        "layer": "below",
        "x0": column - 0.46,
        "x1": column + 0.46,
        "y0": row - 0.46,
        "y1": row + 0.46,
        "line": {"width": 0},
        "fillcolor": fill if isinstance(fill, str) else _css(fill),
    }


def _css(colour: tuple[float, ...]) -> str:
    return "rgb({},{},{})".format(*(round(255 * part) for part in colour))


def _ink(fill: tuple[float, ...] | None) -> str:
    """White on dark cells, near-black on light ones, by relative luminance."""
    if fill is None:
        return GREY
    red, green, blue = fill
    return "#FFFFFF" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45 else "#10242F"
