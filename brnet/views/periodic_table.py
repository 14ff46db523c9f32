"""The periodic table as a picture: how often each element occurs, how wrong a model is where it occurs."""

import itertools
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from brnet.materials.formulas.elements import SYMBOLS
from brnet.materials.formulas.formula import Composition, read_formulas
from brnet.materials.profile import Group
from brnet.materials.properties import Quantity
from brnet.training.report import Report, Row
from brnet.views import profile_words, words
from brnet.views.canvas import DENSITY, Scale
from brnet.views.palette import FAINT, GREY, SKY, TRANSPARENT

COLUMNS = 18
F_BLOCK_ROW = 8.4  # lanthanides and actinides hang below, with a gap
_PERIOD_STARTS = (1, 3, 11, 19, 37, 55, 87, 119)  # first atomic number of each period, and one past the last
_WARM: Scale = [[0.0, "#FBE3D1"], [0.5, "#E8894A"], [1.0, "#A34600"]]
_BOTH_WAYS: Scale = [[0.0, "#00446B"], [0.25, SKY], [0.5, "#F7F7F7"], [0.75, "#E8894A"], [1.0, "#A34600"]]
_LARGEST = 1e300  # what is coloured; the difference of two larger numbers is none
_REACH = 34  # pixels from a symbol to the corner of its cell on the widest page: a click there finds it
_KEY_COLUMNS = (3.0, 12.0)  # the gap above the transition metals
_KEY_ROW = 2.2
_KEY_STEPS = 24
_KEY_WIDTH = 36  # characters of the title on one line: what a phone has room for
WHITE, DARK = "#FFFFFF", "#10242F"

Colour = tuple[float, ...]  # red, green, blue between 0 and 1


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


def coverage(counts: Mapping[str, int], *, chosen: str = "") -> go.Figure:
    """How many rows hold each element; the colour follows the logarithm, absent elements stay blank."""
    present = {element: n for element, n in counts.items() if n > 0}
    hover = {element: f"{element}: {words.count(n, 'row')}" for element, n in present.items()}
    logarithms = {element: float(np.log10(n)) for element, n in present.items()}
    alt = f"Periodic table: {len(present)} elements occur in the table"
    ends = (f"{min(present.values(), default=0):,}", f"{max(present.values(), default=0):,}")
    key = _Key(title="rows with the element", ends=ends, scale=DENSITY)
    return _draw(_fills(logarithms, DENSITY), hover, key=key, alt=alt, chosen=chosen)


def means(
    elements: Mapping[str, Group], quantity: Quantity, *, classes: Sequence[str] = (), chosen: str = ""
) -> go.Figure:
    """The mean of the target over the rows that hold each element, of classes the share of the second one.

    Values of one sign go from light to dark; values of both signs go two ways from white at zero.
    """
    shown = {
        element: group.mean if classes else profile_words.in_unit(group.mean, quantity)
        for element, group in elements.items()
    }
    hover = {
        element: f"{element}: {profile_words.mean(group, quantity, classes=classes)}"
        f"<br>{words.count(group.rows, 'row')}"
        for element, group in elements.items()
    }
    low, high = min(shown.values(), default=0.0), max(shown.values(), default=0.0)
    scale = DENSITY
    if low < 0 < high:
        low, high, scale = -max(-low, high), max(-low, high), _BOTH_WAYS
    elif high <= 0:
        scale = _reversed(DENSITY)  # the greatest amounts are the darkest
    title = f"share of {words.class_name(classes[1], quantity)}" if classes else f"mean {quantity.axis}"
    ends = tuple(f"{end:.0%}" if classes else words.number(end) for end in (low, high))
    key = _Key(title=title, ends=(ends[0], ends[1]), scale=scale)
    alt = f"Periodic table: {title} of the rows that hold each of {len(shown)} elements"
    return _draw(_fills(shown, scale, (low, high)), hover, key=key, alt=alt, chosen=chosen)


def errors(report: Report, row: Row) -> go.Figure:
    """Mean absolute error of one model over the test rows that hold each element."""
    misses: dict[str, list[float]] = defaultdict(list)
    wrong = np.abs(np.asarray(row.predictions) - np.asarray(report.test_values))
    for composition, miss in zip(read_formulas(report.test_formulas), wrong, strict=True):
        if isinstance(composition, Composition):
            for element in composition.elements:
                misses[element].append(float(miss))
    averages = {element: float(np.mean(values)) for element, values in misses.items()}
    unit = words.score_unit(report.experiment.quantity)
    hover = {
        element: f"{element}: mean error {words.with_unit(mean, unit)}"
        f"<br>{words.count(len(misses[element]), 'test row')}"
        for element, mean in averages.items()
    }
    alt = f"Periodic table: mean absolute error of {words.model(row)} by element"
    ends = (
        words.number(min(averages.values(), default=0.0)),
        words.number(max(averages.values(), default=0.0)),
    )
    key = _Key(title=f"mean error ({unit})" if unit else "mean error", ends=ends, scale=_WARM)
    return _draw(_fills(averages, _WARM), hover, key=key, alt=alt)


def clicked(points: Sequence[Mapping[str, Any]]) -> str:
    """The symbol of the first of a selection's points, as Streamlit tells them; '' where there is none."""
    told = points[0].get("customdata", "") if points else ""
    return str(told[0] if isinstance(told, list) else told)


@dataclass(frozen=True, kw_only=True)
class _Key:
    """What the colours mean: drawn in the gap above the transition metals."""

    title: str
    ends: tuple[str, str]
    scale: Scale


def _draw(
    fills: Mapping[str, Colour], hover: Mapping[str, str], *, key: _Key, alt: str, chosen: str = ""
) -> go.Figure:
    """Cells that grow with the page: coloured where there is a value, else faint; one may be outlined."""
    places = {symbol: position(number) for number, symbol in enumerate(SYMBOLS, start=1)}
    figure = go.Figure()
    for ink in (GREY, WHITE, DARK):
        symbols = [symbol for symbol in places if _ink(fills.get(symbol)) == ink]
        _add_symbols(figure, symbols, places, hover, ink=ink)
    cells = [_cell(row, column, fills.get(symbol, FAINT)) for symbol, (row, column) in places.items()]
    figure.update_layout(
        shapes=[*cells, *_key_cells(key.scale), *(_outline(*places[chosen]) if chosen in places else ())],
        annotations=_key_words(key),
        height=324,
        margin={"l": 0, "r": 0, "t": 28, "b": 0},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        showlegend=False,
        hovermode="closest",
        hoverdistance=_REACH,
        uirevision="keep",
        meta={"alt": f"{alt}; {chosen} is chosen" if chosen else alt},
    )
    figure.update_xaxes(visible=False, range=[0.45, COLUMNS + 0.55], fixedrange=True)
    figure.update_yaxes(visible=False, range=[F_BLOCK_ROW + 1.6, 0.4], fixedrange=True)
    return figure


def _add_symbols(
    figure: go.Figure,
    symbols: Sequence[str],
    places: Mapping[str, tuple[float, int]],
    hover: Mapping[str, str],
    *,
    ink: str,
) -> None:
    """Symbols of one colour, each a point to click; without `unselected` a click would fade the others."""
    figure.add_scatter(
        x=[places[symbol][1] for symbol in symbols],
        y=[places[symbol][0] for symbol in symbols],
        text=list(symbols),
        customdata=list(symbols),
        hovertext=[hover.get(symbol, f"{symbol}: none") for symbol in symbols],
        mode="text",
        textfont={"size": 10, "color": ink},
        selected={"textfont": {"color": ink}},
        unselected={"textfont": {"color": ink}},
        hoverinfo="text",
    )


def _reversed(scale: Scale) -> Scale:
    return [[1.0 - float(share), colour] for share, colour in scale[::-1]]


def _fills(
    values: Mapping[str, float], scale: Scale, ends: tuple[float, float] | None = None
) -> dict[str, Colour]:
    """Symbol -> red, green, blue between 0 and 1 on the scale from the least value to the greatest."""
    low, high = ends or (min(values.values(), default=0.0), max(values.values(), default=0.0))
    drawn = np.clip(np.nan_to_num([*values.values(), low, high]), -_LARGEST, _LARGEST)
    *finite, low, high = drawn.tolist()
    shares = [(value - low) / (high - low) if high > low else 0.5 for value in finite]
    return dict(zip(values, sample_colorscale(scale, shares, colortype="tuple"), strict=True))


def _key_cells(scale: Scale) -> list[dict[str, object]]:
    """The scale of colours as a strip of small cells."""
    left, right = _KEY_COLUMNS
    stops = np.linspace(left, right, _KEY_STEPS + 1)
    colours = sample_colorscale(scale, np.linspace(0, 1, _KEY_STEPS).tolist(), colortype="tuple")
    return [
        {
            "type": "rect",
            "layer": "below",
            "x0": float(start),
            "x1": float(end),
            "y0": _KEY_ROW - 0.2,
            "y1": _KEY_ROW + 0.2,
            "line": {"width": 0},
            "fillcolor": _css(colour),
        }
        for (start, end), colour in zip(itertools.pairwise(stops), colours, strict=True)
    ]


def _key_words(key: _Key) -> list[dict[str, object]]:
    """The scale's title over it and its ends under it, in the colour of the page's text."""
    left, right = _KEY_COLUMNS
    shared: dict[str, object] = {"showarrow": False, "font": {"size": 11}}
    title = "<br>".join(textwrap.wrap(key.title, _KEY_WIDTH))
    return [
        shared | {"x": (left + right) / 2, "y": _KEY_ROW - 0.3, "yanchor": "bottom", "text": title},
        shared | {"x": left, "y": _KEY_ROW + 0.2, "yanchor": "top", "xanchor": "left", "text": key.ends[0]},
        shared | {"x": right, "y": _KEY_ROW + 0.2, "yanchor": "top", "xanchor": "right", "text": key.ends[1]},
    ]


def _outline(row: float, column: int) -> list[dict[str, object]]:
    """A dark line inside a white one: seen on every fill and on both grounds."""
    shape = _cell(row, column, TRANSPARENT) | {"layer": "above"}
    return [shape | {"line": {"width": width, "color": colour}} for width, colour in ((5, WHITE), (2, DARK))]


def _cell(row: float, column: int, fill: Colour | str) -> dict[str, object]:
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


def _css(colour: Colour) -> str:
    return "rgb({},{},{})".format(*(round(255 * part) for part in colour))


def _ink(fill: Colour | None) -> str:
    """White on dark cells, near-black on light ones, by relative luminance."""
    if fill is None:
        return GREY
    red, green, blue = fill
    return WHITE if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45 else DARK
