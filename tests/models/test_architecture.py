"""The published parameter counts, in closed form and in real modules; what the tables refuse."""

import re
from dataclasses import replace

import pytest
import torch

from brnet.models.architecture import ARCHITECTURES, Architecture, Block, count_parameters
from brnet.models.network import Network

# (architecture, inputs) -> trainable parameters, as the papers' networks have them.
PUBLISHED = {
    ("ElemNet", 86): 4_631_361,
    ("plain-17", 86): 4_645_249,
    ("SRNet-17", 86): 5_433_697,
    ("IRNet-17", 86): 5_433_697,
    ("plain-24", 86): 4_998_257,
    ("SRNet-24", 86): 5_787_233,
    ("IRNet-24", 86): 5_787_233,
    ("plain-48", 86): 10_615_841,
    ("SRNet-48", 86): 11_404_817,
    ("IRNet-48", 86): 11_404_817,
    ("BRNet-trunk", 86): 5_419_809,
    ("BRNet", 86): 4_548_385,
    ("BRNet", 103): 4_618_017,
    ("BRNet", 145): 4_790_049,
    ("BRNet", 231): 5_142_305,
    ("iBRNet", 86): 4_548_385,
    ("BRNet-top-3-1", 86): 4_548_385,
    ("BRNet-top-2-1-1", 86): 3_676_961,
    ("BRNet-top-1-1-1-1", 86): 2_805_537,
    ("BRNet-middle-1-2-1", 86): 6_206_753,
    ("BRNet-middle-1-1-1-1", 86): 6_993_697,
    ("BRNet-middle-2-2-1", 86): 5_616_673,
    ("BRNet-middle-2-1-1-1", 86): 5_813_537,
    ("BRNet-middle-3-2-1", 86): 5_469_089,
    ("BRNet-middle-3-1-1-1", 86): 5_518_369,
    ("BRNet-bottom-1-1", 86): 5_432_161,
}
WITHOUT_BATCH_NORM = {"plain-17": 4_631_361, "plain-24": 4_982_321, "plain-48": 10_583_745}


@pytest.mark.parametrize(("name", "n_inputs"), PUBLISHED)
def test_closed_form_gives_the_published_count(name: str, n_inputs: int) -> None:
    assert count_parameters(ARCHITECTURES[name], n_inputs=n_inputs) == PUBLISHED[name, n_inputs]


@pytest.mark.parametrize(("name", "n_inputs"), PUBLISHED)
def test_the_torch_module_has_the_published_count(name: str, n_inputs: int) -> None:
    assert trainable(ARCHITECTURES[name], n_inputs) == PUBLISHED[name, n_inputs]


@pytest.mark.parametrize("name", WITHOUT_BATCH_NORM)
def test_plain_network_without_batch_norm_has_the_published_count(name: str) -> None:
    bare = replace(ARCHITECTURES[name], batch_norm=False)
    assert count_parameters(bare, n_inputs=86) == WITHOUT_BATCH_NORM[name]
    assert trainable(bare, 86) == WITHOUT_BATCH_NORM[name]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_closed_form_agrees_with_the_module_where_widths_happen_to_match(name: str) -> None:
    narrow = ARCHITECTURES[name].with_widths([6] * len(ARCHITECTURES[name].blocks))
    assert all(count_parameters(narrow, n_inputs=n) == trainable(narrow, n) for n in (1, 6, 7))


def trainable(architecture: Architecture, n_inputs: int) -> int:
    with torch.device("meta"):  # shapes only: nothing is allocated
        network = Network(architecture, n_inputs)
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def test_every_architecture_has_a_published_count_and_its_own_name() -> None:
    assert {name for name, _ in PUBLISHED} == set(ARCHITECTURES)
    assert all(architecture.name == name for name, architecture in ARCHITECTURES.items())


def test_labels_are_distinct_and_every_row_names_its_source() -> None:
    assert len({a.label for a in ARCHITECTURES.values()}) == len(ARCHITECTURES)
    assert all(re.search(r"\b20\d\d\b", architecture.source) for architecture in ARCHITECTURES.values())


@pytest.mark.parametrize(
    ("name", "depth"), [("plain-17", 17), ("IRNet-24", 24), ("SRNet-48", 48), ("BRNet", 15), ("ElemNet", 17)]
)
def test_depth_is_the_longest_way_through_with_the_output(name: str, depth: int) -> None:
    assert ARCHITECTURES[name].depth == depth


def test_ibrnet_is_brnet_layer_for_layer() -> None:
    assert ARCHITECTURES["iBRNet"].blocks == ARCHITECTURES["BRNet"].blocks


def test_with_widths_changes_nothing_but_the_widths() -> None:
    brnet = ARCHITECTURES["BRNet"]
    narrow = brnet.with_widths((64, 32, 16, 8, 4, 2))
    assert narrow.widths == (64, 32, 16, 8, 4, 2)
    assert narrow.with_widths(brnet.widths) == brnet


def test_a_shortcut_between_equal_widths_costs_nothing() -> None:
    trunk = ARCHITECTURES["BRNet-trunk"]
    plain = replace(trunk, shortcut="none")
    square = trunk.with_widths((10,) * 6), plain.with_widths((10,) * 6)
    assert count_parameters(square[0], n_inputs=10) == count_parameters(square[1], n_inputs=10)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"width": 0, "branches": (1,)}, "A block of width 0 has no units."),
        ({"width": 4, "branches": ()}, "Every branch needs a layer; these have ()."),
        ({"width": 4, "branches": (2, 0)}, "Every branch needs a layer; these have (2, 0)."),
        ({"width": 4, "branches": (1,), "dropout": 1.0}, "Dropout 1.0 is not in [0, 1)."),
    ],
)
def test_an_impossible_block_is_refused(values: dict, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is read below
        Block(**values)
    assert str(caught.value) == sentence


def test_an_architecture_without_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^BRNet has no blocks\.$"):
        replace(ARCHITECTURES["BRNet"], blocks=())
