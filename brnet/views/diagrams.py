"""A network drawn from its real layers: boxes from the inputs down to the output, shortcuts around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import sqrt

import plotly.graph_objects as go

from brnet.models.network import Kind, LayerInfo
from brnet.views.palette import BLUE, GREEN, TRANSPARENT, VERMILLION

Point = tuple[float, float]

# All lengths are pixels: the axes keep one unit to a pixel, so that a phone and a desk show one drawing.
SHEET = 336  # fits a phone of 350
MIDDLE = SHEET / 2
BOX_HEIGHT, PILL_HEIGHT = 24, 20
GAP = 14  # between one box and the next
STEM = 7  # from a box to the sum below it, and from the start of a shortcut to its box
TURN = 9  # from where lines part or meet to where they run on
REACH = 12  # how far a shortcut passes outside its box
WIDEST, NARROWEST, COLUMN_GAP = 210, 34, 8
CHARACTER, PADDING, ROUNDING = 7.2, 12, 5  # of a label at its font size; around it; of corners
HEADER, FOOTER = 62, 36

MUTED = "#787878"  # as legible on white as on a dark ground: about 4.4 to 1 on both
SHORTCUTS: dict[Kind, tuple[str, str]] = {"identity": (GREEN, "solid"), "projection": (VERMILLION, "4px,3px")}


def layer_diagram(layers: Sequence[LayerInfo], *, name: str = "") -> go.Figure:
    """The network that `brnet.models.network.describe` read, as a figure with its parameters in the title.

    Equal layers in a row share a box, "256 × 4"; branches stand side by side. A shortcut of a layer is
    drawn around its box, a shortcut of a block around the block; ⊕ adds.
    """
    blocks = _blocks(layers)
    sheet = _Sheet(scale=_scale(blocks))
    y = sheet.pill(0, f"{layers[0].n_in:,} inputs")
    for block in blocks:
        y = _draw_block(sheet, block, y)
    y = sheet.line(MIDDLE, y, GAP)
    y = sheet.pill(y, "1 output", hover=f"{layers[-1].n_in:,} → 1, linear<br>{_parameters(layers[-1:])}")
    return _figure(sheet, layers, height=y, name=name)


@dataclass(frozen=True, kw_only=True)
class _Box:
    """Equal layers in a row, with equal shortcuts."""

    layers: tuple[dict[Kind, LayerInfo], ...]
    shortcut: Kind | None

    @property
    def width(self) -> int:
        return self.layers[0]["dense"].n_out

    @property
    def label(self) -> str:
        return f"{self.width} × {len(self.layers)}" if len(self.layers) > 1 else str(self.width)

    @property
    def hover(self) -> str:
        count = "1 layer" if len(self.layers) == 1 else f"{len(self.layers)} layers"
        around = f"<br>{self.shortcut} shortcut around each" if self.shortcut else ""
        parameters = _parameters([info for layer in self.layers for info in layer.values()])
        return f"{count}, {self.layers[0]['dense'].n_in:,} → {self.width:,}{around}<br>{parameters}"


@dataclass(frozen=True, kw_only=True)
class _Block:
    branches: tuple[tuple[_Box, ...], ...]
    shortcut: LayerInfo | None
    dropout: LayerInfo | None


@dataclass(kw_only=True)
class _Sheet:
    """What has been drawn so far. y grows downwards; whatever draws returns the y it ends at."""

    scale: float
    shapes: list[dict] = field(default_factory=list)
    labels: list[tuple[float, float, str, str, str]] = field(
        default_factory=list
    )  # x, y, text, hover, colour
    lines: list[list[Point]] = field(default_factory=list)
    arcs: dict[Kind, list[list[Point]]] = field(default_factory=dict)
    sums: list[Point] = field(default_factory=list)

    def box(self, box: _Box, x: float, y: float, *, width: float) -> float:
        self.shapes.append(_rectangle(x, y, width, BOX_HEIGHT, fill=BLUE, edge=BLUE))
        self.labels.append((x, y + BOX_HEIGHT / 2, box.label, box.hover, "white"))
        return y + BOX_HEIGHT

    def pill(self, y: float, text: str, *, hover: str = "") -> float:
        width = len(text) * CHARACTER + PADDING
        self.shapes.append(_rectangle(MIDDLE, y, width, PILL_HEIGHT, fill=TRANSPARENT, edge=MUTED))
        self.labels.append((MIDDLE, y + PILL_HEIGHT / 2, text, hover or text, MUTED))
        return y + PILL_HEIGHT

    def line(self, x: float, y: float, length: float) -> float:
        self.lines.append([(x, y), (x, y + length)])
        return y + length

    def sum(self, x: float, y: float) -> float:
        self.sums.append((x, y))
        return y

    def arc(self, kind: Kind, x: float, start: float, end: float, *, half_width: float) -> None:
        outside = x + half_width + REACH
        self.arcs.setdefault(kind, []).append(
            _rounded([(x, start), (outside, start), (outside, end), (x, end)])
        )


def _blocks(layers: Sequence[LayerInfo]) -> list[_Block]:
    inner = (info for info in layers if info.kind != "output")
    return [_block(list(infos)) for _, infos in groupby(inner, key=lambda info: info.block)]


def _block(infos: list[LayerInfo]) -> _Block:
    inside = (info for info in infos if info.branch is not None)
    whole = {info.kind: info for info in infos if info.branch is None}
    return _Block(
        branches=tuple(tuple(_boxes(branch)) for _, branch in groupby(inside, key=lambda info: info.branch)),
        shortcut=whole.get("identity") or whole.get("projection"),
        dropout=whole.get("dropout"),
    )


def _boxes(branch: Iterator[LayerInfo]) -> Iterator[_Box]:
    layers = [
        {info.kind: info for info in layer} for _, layer in groupby(branch, key=lambda info: info.layer)
    ]
    for shortcut, equal in groupby(
        layers, key=lambda layer: next((k for k in SHORTCUTS if k in layer), None)
    ):
        yield _Box(layers=tuple(equal), shortcut=shortcut)


def _scale(blocks: Sequence[_Block]) -> float:
    """Pixels of width per square root of units, one for the whole drawing: its narrowest column decides."""
    rooms = []
    for block in blocks:
        column = SHEET / len(block.branches) - 2 * REACH - COLUMN_GAP
        rooms.append(min(WIDEST, column) / sqrt(block.branches[0][0].width))
    return min(rooms)


def _box_width(block: _Block, scale: float) -> float:
    longest = max(len(box.label) for branch in block.branches for box in branch)
    return max(NARROWEST, scale * sqrt(block.branches[0][0].width), longest * CHARACTER + PADDING)


def _draw_block(sheet: _Sheet, block: _Block, y: float) -> float:
    width = _box_width(block, sheet.scale)
    columns = _columns(len(block.branches), width)
    start = y = sheet.line(MIDDLE, y, GAP - STEM) if block.shortcut else y
    if len(columns) == 1:
        y = _draw_branch(sheet, block.branches[0], MIDDLE, y, width=width)
        y = sheet.sum(MIDDLE, sheet.line(MIDDLE, y, STEM)) if block.shortcut else y
    else:
        y = _draw_branches(sheet, block, columns, y, width=width)
    if block.shortcut:
        sheet.arc(block.shortcut.kind, MIDDLE, start, y, half_width=columns[-1] - MIDDLE + width / 2)
        hover = f"{block.shortcut.kind} shortcut around the block<br>{_parameters([block.shortcut])}"
        sheet.labels.append((MIDDLE, y, "", hover, MUTED))
    if block.dropout:
        y = sheet.pill(sheet.line(MIDDLE, y, GAP), block.dropout.label)
    return y


def _draw_branches(
    sheet: _Sheet, block: _Block, columns: Sequence[float], y: float, *, width: float
) -> float:
    parting = y + TURN
    ends = []
    for branch, x in zip(block.branches, columns, strict=True):
        sheet.lines.append(_rounded([(MIDDLE, y), (MIDDLE, parting), (x, parting), (x, parting + TURN)]))
        ends.append(_draw_branch(sheet, branch, x, parting + TURN, width=width))
    meeting = max(ends) + TURN
    for x, end in zip(columns, ends, strict=True):
        sheet.lines.append(_rounded([(x, end), (x, meeting), (MIDDLE, meeting), (MIDDLE, meeting + TURN)]))
    return sheet.sum(MIDDLE, meeting + TURN)


def _draw_branch(sheet: _Sheet, boxes: Sequence[_Box], x: float, y: float, *, width: float) -> float:
    for box in boxes:
        start = y = sheet.line(x, y, GAP - STEM)
        y = sheet.box(box, x, sheet.line(x, y, STEM), width=width)
        if box.shortcut:
            y = sheet.sum(x, sheet.line(x, y, STEM))
            sheet.arc(box.shortcut, x, start, y, half_width=width / 2)
    return y


def _columns(n_branches: int, width: float) -> list[float]:
    """The middles of the branches, as near to each other as their shortcuts allow."""
    pitch = min(SHEET / n_branches, width + 2 * REACH + 2 * COLUMN_GAP)
    return [MIDDLE + pitch * (k - (n_branches - 1) / 2) for k in range(n_branches)]


def _rectangle(x: float, y: float, width: float, height: float, *, fill: str, edge: str) -> dict:
    left, right, bottom, r = x - width / 2, x + width / 2, y + height, ROUNDING
    path = (
        f"M{left + r},{y} L{right - r},{y} Q{right},{y} {right},{y + r} L{right},{bottom - r} "
        f"Q{right},{bottom} {right - r},{bottom} L{left + r},{bottom} Q{left},{bottom} {left},{bottom - r} "
        f"L{left},{y + r} Q{left},{y} {left + r},{y} Z"
    )
    return {
        "type": "path",
        "path": path,
        "layer": "below",
        "fillcolor": fill,
        "line": {"color": edge, "width": 1},
    }


def _rounded(corners: Sequence[Point]) -> list[Point]:
    """The line through the corners, each inner corner cut by a short curve."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        for t in (0.0, 0.25, 0.5, 0.75, 1.0):
            weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)  # a quadratic Bézier curve
            points.append(
                (
                    sum(w * p[0] for w, p in zip(weights, (start, corner, end), strict=True)),
                    sum(w * p[1] for w, p in zip(weights, (start, corner, end), strict=True)),
                )
            )
    return [*points, corners[-1]]


def _towards(corner: Point, other: Point) -> Point:
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])  # all lines are upright or level
    share = min(ROUNDING, length / 2) / length if length else 0.0
    return corner[0] + share * (other[0] - corner[0]), corner[1] + share * (other[1] - corner[1])


def _figure(sheet: _Sheet, layers: Sequence[LayerInfo], *, height: float, name: str) -> go.Figure:
    figure = go.Figure()
    _add_lines(figure, sheet.lines, line={"color": MUTED, "width": 1.5})
    for kind, (colour, dash) in SHORTCUTS.items():
        if kind in sheet.arcs:
            line = {"color": colour, "width": 2, "dash": dash}
            _add_lines(figure, sheet.arcs[kind], line=line, name=f"{kind} shortcut")
    _add_sums(figure, sheet.sums)
    _add_labels(figure, sheet.labels)
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(range=[0, SHEET], constrain="domain", **hidden)
    figure.update_yaxes(range=[height + 1, -1], scaleanchor="x", constrain="domain", **hidden)
    figure.update_layout(
        title=_title(layers, name),
        shapes=sheet.shapes,
        height=height + 2 + HEADER + FOOTER,
        margin={"l": 4, "r": 4, "t": HEADER, "b": FOOTER},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "top"},
        legend_font={"color": MUTED, "size": 12},
        dragmode=False,
        meta={"alt": _alt(layers, name)},
    )
    return figure


def _add_lines(figure: go.Figure, lines: Sequence[Sequence[Point]], *, line: dict, name: str = "") -> None:
    points = [point for corners in lines for point in (*corners, (None, None))]  # None lifts the pen
    x, y = zip(*points, strict=True)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={**line, "simplify": False},
        name=name,
        showlegend=bool(name),
        hoverinfo="skip",
    )


def _add_sums(figure: go.Figure, sums: Sequence[Point]) -> None:
    figure.add_scatter(
        x=[x for x, _ in sums],
        y=[y for _, y in sums],
        mode="markers",
        marker={"symbol": "circle-cross-open", "size": 9, "color": MUTED, "line": {"width": 1.5}},
        showlegend=False,
        hoverinfo="skip",
    )


def _add_labels(figure: go.Figure, labels: Sequence[tuple[float, float, str, str, str]]) -> None:
    x, y, text, hover, colours = zip(*labels, strict=True)
    figure.add_scatter(
        x=x,
        y=y,
        mode="text",
        text=text,
        textfont={"size": 12, "color": colours},
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _title(layers: Sequence[LayerInfo], name: str) -> dict:
    text = f"{name}: {_parameters(layers)}" if name else _parameters(layers)
    style = {"x": 0.5, "xanchor": "center", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 8}}
    return {
        "text": text,
        "font": {"size": 14, "color": MUTED},
        "subtitle": {"text": f"each layer: {_recipe(layers)}", "font": {"size": 12, "color": MUTED}},
        **style,
    }


def _recipe(layers: Sequence[LayerInfo]) -> str:
    first = [info for info in layers if (info.block, info.branch, info.layer) == (0, 0, 0)]
    steps = " → ".join(info.label for info in first if info.kind not in SHORTCUTS)
    return f"{steps}, + shortcut" if any(info.kind in SHORTCUTS for info in first) else steps


def _parameters(layers: Sequence[LayerInfo]) -> str:
    return f"{sum(info.n_parameters for info in layers):,} parameters"


def _alt(layers: Sequence[LayerInfo], name: str) -> str:
    blocks = "; ".join(
        " + ".join(", ".join(box.label for box in branch) for branch in block.branches)
        for block in _blocks(layers)
    )
    return f"Layers of {name or 'the network'}: {layers[0].n_in:,} inputs; {blocks}; 1 output"
