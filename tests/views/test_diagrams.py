"""The layer diagram says what the network is, and fits its sheet."""

import re
from dataclasses import replace

import plotly.graph_objects as go
import pytest
import torch

from brnet.models.architecture import ARCHITECTURES, Architecture, count_parameters
from brnet.models.network import Network, describe
from brnet.views.diagrams import BOX_HEIGHT, SHEET, layer_diagram
from brnet.views.palette import BLUE

EVERY = {
    **ARCHITECTURES,
    "branches inside block shortcuts": replace(ARCHITECTURES["BRNet"], shortcut="block"),
    "width 3": ARCHITECTURES["BRNet"].with_widths([3] * 6),
}


def draw(architecture: Architecture, *, n_inputs: int = 86, name: str = "") -> go.Figure:
    with torch.device("meta"):
        return layer_diagram(describe(Network(architecture, n_inputs)), name=name)


def labels(figure: go.Figure) -> list[str]:
    return [text for text in figure.data[-1].text if text]


def boxes(figure: go.Figure) -> list[tuple[float, float, float]]:
    """(left, right, top) of every layer box."""
    corners = [
        [float(number) for number in re.findall(r"-?[\d.]+", shape.path)]
        for shape in figure.layout.shapes
        if shape.fillcolor == BLUE
    ]
    return [(min(c[::2]), max(c[::2]), min(c[1::2])) for c in corners]


def arcs(figure: go.Figure) -> dict[str, int]:
    """Words of the legend -> how many such shortcuts are drawn."""
    return {trace.name: list(trace.x).count(None) for trace in figure.data if trace.showlegend}


@pytest.mark.parametrize("name", EVERY)
def test_title_and_hover_texts_hold_every_parameter(name: str) -> None:
    total = count_parameters(EVERY[name], n_inputs=86)
    figure = draw(EVERY[name])
    assert figure.layout.title.text == f"{total:,} parameters"
    counts = re.findall(r"([\d,]+) parameters", " ".join(figure.data[-1].hovertext))
    assert sum(int(count.replace(",", "")) for count in counts) == total


def test_brnet_has_two_columns_then_a_trunk_that_groups_equal_layers() -> None:
    figure = draw(ARCHITECTURES["BRNet"], name="BRNet")
    assert labels(figure) == [
        "86 inputs",
        *["1024"] * 4,
        *["512", "512 × 2", "256", "256 × 2", "128", "128 × 2", "64", "64", "32"],
        "1 output",
    ]
    assert figure.layout.title.text == "BRNet: 4,548,385 parameters"
    assert figure.layout.title.subtitle.text == "each layer: dense → LeakyReLU 0.3, + shortcut"
    first, second, third, fourth = boxes(figure)[:4]
    assert first[2] == third[2]
    assert second[2] == fourth[2]
    assert first[1] < third[0]


def test_shortcuts_of_both_kinds_are_counted_and_told_apart_by_colour_and_dash() -> None:
    figure = draw(ARCHITECTURES["BRNet"])
    assert arcs(figure) == {"identity shortcut": 2 + 4, "projection shortcut": 2 + 5}
    lines = {(trace.line.color, trace.line.dash) for trace in figure.data if trace.showlegend}
    assert len({colour for colour, _ in lines}) == len({dash for _, dash in lines}) == 2


def test_srnet_shortcuts_go_around_blocks() -> None:
    figure = draw(ARCHITECTURES["SRNet-48"])
    assert arcs(figure) == {"identity shortcut": 5, "projection shortcut": 7}
    assert labels(figure)[1:3] == ["1024 × 4", "1024 × 4"]


def test_a_plain_network_has_no_legend_of_shortcuts_and_shows_its_batch_norm() -> None:
    figure = draw(ARCHITECTURES["plain-48"])
    assert arcs(figure) == {}
    assert figure.layout.title.subtitle.text == "each layer: dense → batch norm → ReLU"


def test_elemnet_shows_where_it_drops() -> None:
    drops = [text for text in labels(draw(ARCHITECTURES["ElemNet"])) if text.startswith("dropout")]
    assert drops == ["dropout 0.2", "dropout 0.1", "dropout 0.3", "dropout 0.2"]


@pytest.mark.parametrize("name", EVERY)
def test_everything_stays_on_the_sheet_of_a_phone(name: str) -> None:
    figure = draw(EVERY[name])
    xs = [x for trace in figure.data for x in trace.x if x is not None]
    assert min(xs) >= 0
    assert max(xs) <= SHEET
    assert all(left >= 0 and right <= SHEET for left, right, _ in boxes(figure))


@pytest.mark.parametrize("name", EVERY)
def test_no_two_boxes_overlap_and_every_label_fits_its_box(name: str) -> None:
    figure = draw(EVERY[name])
    drawn = boxes(figure)
    for i, (left, right, top) in enumerate(drawn):
        for other_left, other_right, other_top in drawn[i + 1 :]:
            assert right < other_left or other_right < left or abs(top - other_top) > BOX_HEIGHT
    words = [text for text in labels(figure) if re.fullmatch(r"\d+( × \d+)?", text)]
    for text, (left, right, _) in zip(words, drawn, strict=True):
        assert right - left >= 7 * len(text)


def test_a_deep_network_stays_short() -> None:
    assert draw(ARCHITECTURES["IRNet-48"]).layout.height < 1_100


def test_the_figure_has_no_ground_of_its_own_and_words_for_a_screen_reader() -> None:
    figure = draw(ARCHITECTURES["BRNet-top-2-1-1"], name="BRNet")
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.meta["alt"] == (
        "Layers of BRNet: 86 inputs; 1024, 1024 + 1024 + 1024; 512, 512 × 2; 256, 256 × 2; "
        "128, 128 × 2; 64, 64; 32; 1 output"
    )
