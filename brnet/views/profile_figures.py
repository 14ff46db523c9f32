"""What is in a dataset, as charts: its values, its sizes and families, how far repeats lie apart."""

import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from brnet.materials.families import FAMILIES
from brnet.materials.profile import Group
from brnet.materials.properties import Quantity
from brnet.materials.repeats import Repeats
from brnet.views import profile_words, words
from brnet.views.canvas import finish
from brnet.views.palette import BLUE, ORANGE, SKY, VERMILLION

BINS = 40
LARGEST = 1e300  # what is drawn; the difference of two larger numbers is none
MOST_DECADE_TICKS = 6
ROOM_FOR_COUNTS = 1.25  # of the longest bar, whose number stands beside it
HOVER_WIDTH = 44  # characters on one line: a phone shows them
TAIL = 0.95  # spreads above this quantile share the last bar


def histogram(
    values: np.ndarray,
    quantity: Quantity,
    *,
    classes: Sequence[str] = (),
    log_values: bool = False,
    log_counts: bool = False,
    bins: int | None = None,
    highlighted: np.ndarray | None = None,
    highlight: str = "",
    outliers: np.ndarray | None = None,
) -> go.Figure:
    """How the rows of a table spread over the target or its classes. values: (n,) as the table holds them.

    `highlighted` (m,) are the values of some rows, drawn over the others; `highlight` says which ('with Fe').
    Bars that hold one of the `outliers` (k,) are marked. `log_values` leaves out what is not positive and
    says so under the axis; a quantity that is a logarithm already is drawn as it stands.
    """
    if classes:
        return _class_histogram(values, quantity, classes, highlighted, highlight, log_counts=log_counts)
    is_log = log_values and not quantity.log10
    drawn = _on_axis(values, quantity, is_log=is_log)
    edges = _edges(drawn, bins or min(BINS, max(5, round(len(values) ** 0.5))))
    counts, _ = np.histogram(drawn, bins=edges)
    figure = go.Figure()
    _add_bars(figure, counts, edges, quantity, is_log=is_log, colour=BLUE)
    if highlighted is not None:
        some, _ = np.histogram(_on_axis(highlighted, quantity, is_log=is_log), bins=edges)
        _add_bars(figure, some, edges, quantity, is_log=is_log, colour=ORANGE, which=highlight)
    if outliers is not None and len(outliers):
        _mark_outliers(figure, counts, edges, _on_axis(outliers, quantity, is_log=is_log))
    left_out = _left_out(len(values) - len(drawn))
    _title_values(figure, drawn, quantity, is_log=is_log, note=left_out)
    _title_counts(figure, counts, is_log=log_counts)
    figure.update_layout(bargap=0.05, barmode="overlay", showlegend=len(figure.data) > 1)
    alt = f"Histogram of {quantity.axis} over {len(values):,} rows"
    if highlighted is not None:
        alt += f", {len(highlighted):,} of them {highlight}"
    return finish(figure, f"{alt}; {left_out}" if left_out else alt, height=280)


def element_numbers(sizes: Mapping[int, int]) -> go.Figure:
    """How many rows have one element, two, three, … `sizes`: number of elements -> rows."""
    rows = list(sizes.values())
    figure = go.Figure(
        go.Bar(
            x=list(sizes),
            y=rows,
            marker={"color": BLUE, "line": {"width": 0}},
            text=[f"{n:,}" for n in rows],
            textposition="outside",
            textangle=0,
            textfont={"size": 10},
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{x} elements: %{y:,} rows<extra></extra>",
        )
    )
    figure.update_xaxes(title="elements in the formula", dtick=max(1, (max(sizes) - min(sizes)) // 10))
    figure.update_yaxes(title="rows")
    figure.update_layout(bargap=0.25, showlegend=False)
    commonest = max(sizes, key=lambda size: sizes[size])
    alt = f"Rows by number of elements, from {min(sizes)} to {max(sizes)}; most have {commonest}"
    return finish(figure, alt, height=280)


def families(groups: Mapping[str, Group], quantity: Quantity, *, classes: Sequence[str] = ()) -> go.Figure:
    """One bar a chemical family, the commonest on top; the hover tells the mean of its values."""
    names = list(groups)[::-1]  # plotly draws the last bar on top
    rows = [groups[name].rows for name in names]
    notes = ["<br>".join(textwrap.wrap(FAMILIES[name].note, HOVER_WIDTH)) for name in names]
    hover = [
        f"{FAMILIES[name].label}: {words.count(groups[name].rows, 'row')}"
        f"<br>{profile_words.mean(groups[name], quantity, classes=classes)}<br>{note}"
        for name, note in zip(names, notes, strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=rows,
            y=[FAMILIES[name].label for name in names],
            orientation="h",
            customdata=names,
            marker={"color": BLUE, "line": {"width": 0}},
            text=[f"{n:,}" for n in rows],
            textposition="outside",
            cliponaxis=False,
            hovertext=[
                "<br>".join(textwrap.wrap(text, 60)) if "<br>" not in text else text for text in hover
            ],
            hoverinfo="text",
        )
    )
    figure.update_xaxes(title="rows", range=[0, ROOM_FOR_COUNTS * max(rows)], nticks=5)
    figure.update_yaxes(type="category", showgrid=False)
    figure.update_layout(bargap=0.3, showlegend=False)
    alt = f"Rows by chemical family: {FAMILIES[names[-1]].label.lower()} are the most, {rows[-1]:,}"
    return finish(figure, alt, height=70 + 30 * len(names))


def spreads(repeats: Repeats, quantity: Quantity) -> go.Figure:
    """How far the values of each repeated composition lie apart; the last bar holds the farthest 5 %."""
    unit = words.score_unit(quantity)
    drawn = np.minimum(repeats.spreads, LARGEST)
    most = float(np.quantile(drawn, TAIL)) or float(drawn.max()) or 1.0
    counts, edges = np.histogram(np.minimum(drawn, most), bins=BINS, range=(0.0, most))
    lows = [words.number(edge) for edge in edges]
    told = [f"{low} to {high}" for low, high in itertools.pairwise(lows)]
    if drawn.max() > most:
        told[-1] = f"{lows[-2]} and more, up to {words.number(float(drawn.max()))}"
    figure = go.Figure(
        go.Bar(
            x=((edges[:-1] + edges[1:]) / 2).tolist(),
            y=counts.tolist(),
            width=np.diff(edges).tolist(),
            marker={"color": BLUE, "line": {"width": 0}},
            hovertext=[
                f"{range_} {unit}: {words.count(int(n), 'composition')}"
                for range_, n in zip(told, counts, strict=True)
            ],
            hoverinfo="text",
        )
    )
    title = "highest less lowest value"
    figure.update_xaxes(title=f"{title} ({unit})" if unit else title)
    figure.update_yaxes(title="repeated compositions")
    figure.update_layout(bargap=0.05, showlegend=False)
    alt = f"Histogram of how far the values of {len(repeats.spreads):,} repeated compositions lie apart"
    return finish(figure, alt, height=280)


def _edges(drawn: np.ndarray, bins: int) -> np.ndarray:
    """(bins + 1,) from the least to the greatest value; a little wider where they are one."""
    low, high = (float(drawn.min()), float(drawn.max())) if len(drawn) else (0.0, 1.0)
    if low == high:
        air = max(0.5, 0.01 * abs(low))
        low, high = low - air, high + air
    return np.linspace(low, high, bins + 1)


def _on_axis(values: np.ndarray, quantity: Quantity, *, is_log: bool) -> np.ndarray:
    """Values as the table holds them -> places on the axis; those that a logarithm lacks are left out."""
    values = np.clip(values, -LARGEST, LARGEST)
    if quantity.log10:
        return values
    shown = quantity.shown(values)
    return np.log10(shown[shown > 0]) if is_log else shown


def _add_bars(
    figure: go.Figure,
    counts: np.ndarray,
    edges: np.ndarray,
    quantity: Quantity,
    *,
    is_log: bool,
    colour: str,
    which: str = "",
) -> None:
    ends = [words.number(float(edge)) for edge in (np.power(10.0, edges) if is_log else edges)]
    unit = words.score_unit(quantity)
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=counts.tolist(),
        width=np.diff(edges).tolist(),
        name=f"rows {which}" if which else "all rows",
        marker={"color": colour, "line": {"width": 0}},
        hovertext=[
            f"{f'{low} to {high} {unit}'.rstrip()}: {words.count(int(n), 'row')} {which}".rstrip()
            for (low, high), n in zip(itertools.pairwise(ends), counts, strict=True)
        ],
        hoverinfo="text",
    )


def _mark_outliers(figure: go.Figure, counts: np.ndarray, edges: np.ndarray, outliers: np.ndarray) -> None:
    far, _ = np.histogram(outliers, bins=edges)
    bars = np.flatnonzero(far)
    figure.add_scatter(
        x=((edges[:-1] + edges[1:]) / 2)[bars].tolist(),
        y=counts[bars].tolist(),
        mode="markers",
        name="far from the others",
        marker={"symbol": "triangle-down", "size": 9, "color": VERMILLION},
        hovertext=[f"{words.count(int(n), 'row')} far from the others" for n in far[bars]],
        hoverinfo="text",
        cliponaxis=False,
    )


def _left_out(n: int) -> str:
    if not n:
        return ""
    is_are = "is" if n == 1 else "are"
    return f"{words.count(n, 'row')} at or below zero {is_are} not drawn"


def _title_values(
    figure: go.Figure, drawn: np.ndarray, quantity: Quantity, *, is_log: bool, note: str
) -> None:
    title = f"log10 of {quantity.axis}" if quantity.log10 else quantity.axis
    figure.update_xaxes(title=f"{title}<br>{note}" if note else title)
    if is_log and len(drawn):
        low, high = math.floor(drawn.min()), math.ceil(drawn.max())
        powers = range(low, high + 1, max(1, math.ceil((high - low) / MOST_DECADE_TICKS)))
        figure.update_xaxes(tickvals=list(powers), ticktext=[f"{10.0**power:g}" for power in powers])


def _title_counts(figure: go.Figure, counts: np.ndarray, *, is_log: bool) -> None:
    figure.update_yaxes(title="rows")
    if is_log:  # a bar of one row needs a height
        figure.update_yaxes(type="log", range=[np.log10(0.5), np.log10(2 * max(1, counts.max()))], dtick=1)


def _class_histogram(
    values: np.ndarray,
    quantity: Quantity,
    classes: Sequence[str],
    highlighted: np.ndarray | None,
    highlight: str,
    *,
    log_counts: bool,
) -> go.Figure:
    names = [words.class_name(name, quantity) for name in classes]
    rows = [int(np.sum(values == index)) for index in range(len(classes))]
    figure = go.Figure()
    figure.add_bar(x=names, y=rows, name="all rows", marker_color=[SKY, BLUE], width=0.5)
    figure.update_traces(text=[f"{n:,}" for n in rows])
    if highlighted is not None:
        some = [int(np.sum(highlighted == index)) for index in range(len(classes))]
        figure.add_bar(x=names, y=some, name=f"rows {highlight}", marker_color=ORANGE, width=0.25)
    figure.update_xaxes(title=quantity.label, type="category")
    _title_counts(figure, np.array(rows), is_log=log_counts)
    figure.update_layout(bargap=0.05, barmode="overlay", showlegend=highlighted is not None)
    return finish(figure, f"Histogram of {quantity.axis} over {len(values):,} rows", height=280)
