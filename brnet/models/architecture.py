"""The networks as frozen tables: how wide, how deep, where branched, which shortcuts; no torch here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Shortcut = Literal["none", "layer", "block"]
Activation = Literal["relu", "leaky_relu", "silu"]

ELEMNET = "ElemNet, Sci Rep 8, 17593 (2018)"
IRNET = "IRNet, KDD 2019, doi 10.1145/3292500.3330703"
BRNET = "BRNet, Sci Rep 13, 9128 (2023), doi 10.1038/s41598-023-36336-5"
IBRNET = "iBRNet, J. Cheminform. 2024, doi 10.1186/s13321-024-00811-6"


@dataclass(frozen=True, kw_only=True)
class Block:
    """Layers of one width, in one branch or in several that start from the same input and are summed.

    `branches` holds the layers of each branch: (4,) is four layers in a row, (2, 2) two branches of two.
    `dropout` is the probability of zeroing a value of the block's output.
    """

    width: int
    branches: tuple[int, ...]
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"A block of width {self.width} has no units.")
        if not self.branches or min(self.branches) < 1:
            raise ValueError(f"Every branch needs a layer; these have {self.branches}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"Dropout {self.dropout} is not in [0, 1).")


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Blocks one after the other, then one linear output without shortcut.

    `shortcut` "layer" adds each layer's input to its output, "block" each block's; an input of another
    width passes through a linear projection with bias first, one of the same width is added as it is.
    A layer is Dense, then batch norm where `batch_norm` is set, then the activation, then the shortcut.
    """

    name: str
    label: str
    blocks: tuple[Block, ...]
    shortcut: Shortcut
    batch_norm: bool
    activation: Activation
    source: str
    note: str

    def __post_init__(self) -> None:
        if not self.blocks:
            raise ValueError(f"{self.name} has no blocks.")

    @property
    def depth(self) -> int:
        """Dense layers on the longest way from the inputs to the output, the output layer included."""
        return sum(max(block.branches) for block in self.blocks) + 1

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(block.width for block in self.blocks)

    def with_widths(self, widths: Sequence[int]) -> "Architecture":
        """The same network with another width for each block."""
        blocks = (replace(block, width=width) for block, width in zip(self.blocks, widths, strict=True))
        return replace(self, blocks=tuple(blocks))


def count_parameters(architecture: Architecture, *, n_inputs: int) -> int:
    """Trainable parameters with `n_inputs` inputs, in closed form."""
    total, n_in = 0, n_inputs
    for block in architecture.blocks:
        total += _count_block(architecture, block, n_in)
        n_in = block.width
    return total + _dense(n_in, 1)


def _count_block(architecture: Architecture, block: Block, n_in: int) -> int:
    n_layers, n_branches = sum(block.branches), len(block.branches)
    projection = 0 if n_in == block.width else _dense(n_in, block.width)
    n_projections = {"none": 0, "layer": n_branches, "block": 1}[architecture.shortcut]
    return (
        n_branches * _dense(n_in, block.width)
        + (n_layers - n_branches) * _dense(block.width, block.width)
        + n_projections * projection
        + (2 * block.width * n_layers if architecture.batch_norm else 0)
    )


def _dense(n_in: int, n_out: int) -> int:
    return (n_in + 1) * n_out


_FORMS: dict[int, tuple[tuple[int, int], ...]] = {  # layers -> (width, layers of one block), IRNet's forms
    17: ((1024, 4), (512, 3), (256, 3), (128, 3), (64, 2), (32, 1)),
    24: ((1024, 4), (512, 4), (256, 4), (128, 4), (64, 3), (32, 2), (16, 2)),
    48: (*((width, 4) for width in (1024, 512, 256, 128, 64) for _ in range(2)), (32, 4), (16, 3)),
}

_ELEMNET_DROPOUT = (0.2, 0.1, 0.3, 0.2, 0.0, 0.0)

_LOCATIONS = ("top", "middle-1", "middle-2", "middle-3", "bottom")

_LAYOUTS: tuple[tuple[str, tuple[int, ...]], ...] = (  # BRNet paper, Table 6; top [2, 2] is BRNet itself
    ("top", (3, 1)),
    ("top", (2, 1, 1)),
    ("top", (1, 1, 1, 1)),
    ("middle-1", (2, 1)),
    ("middle-1", (1, 1, 1)),
    ("middle-2", (2, 1)),
    ("middle-2", (1, 1, 1)),
    ("middle-3", (2, 1)),
    ("middle-3", (1, 1, 1)),
    ("bottom", (1, 1)),
)


def _blocks(form: int) -> tuple[Block, ...]:
    return tuple(Block(width=width, branches=(layers,)) for width, layers in _FORMS[form])


def _elemnet() -> Architecture:
    blocks = (replace(block, dropout=p) for block, p in zip(_blocks(17), _ELEMNET_DROPOUT, strict=True))
    return Architecture(
        name="ElemNet",
        label="ElemNet (17 layers, dropout)",
        blocks=tuple(blocks),
        shortcut="none",
        batch_norm=False,
        activation="relu",
        source=ELEMNET,
        note="Plain layers with dropout after each of the first four blocks.",
    )


def _irnet_family(form: int) -> tuple[Architecture, ...]:
    plain = Architecture(
        name=f"plain-{form}",
        label=f"Plain network ({form} layers)",
        blocks=_blocks(form),
        shortcut="none",
        batch_norm=True,
        activation="relu",
        source=IRNET,
        note="The baseline of IRNet's authors: batch norm, no shortcut.",
    )
    stacked = replace(
        plain,
        name=f"SRNet-{form}",
        label=f"SRNet ({form} layers)",
        shortcut="block",
        note="Stacked residual network: a shortcut around each block.",
    )
    individual = replace(
        plain,
        name=f"IRNet-{form}",
        label=f"IRNet ({form} layers)",
        shortcut="layer",
        note="Individual residual network: a shortcut around each layer.",
    )
    return plain, stacked, individual


def _trunk() -> Architecture:
    return Architecture(
        name="BRNet-trunk",
        label="BRNet without branches",
        blocks=_blocks(17),
        shortcut="layer",
        batch_norm=False,
        activation="leaky_relu",
        source=BRNET,
        note="What is left of BRNet without its branches: a shortcut around each layer, no batch norm.",
    )


def _branched(location: str, branches: tuple[int, ...]) -> Architecture:
    trunk = _trunk()
    at = _LOCATIONS.index(location)
    blocks = list(trunk.blocks)
    blocks[at] = replace(blocks[at], branches=branches)
    return replace(
        trunk,
        name=f"BRNet-{location}-" + "-".join(map(str, branches)),
        label=f"BRNet, {location.replace('-', ' ')} {list(branches)}",
        blocks=tuple(blocks),
        note=f"A layout of the BRNet paper's Table 6: the {location.replace('-', ' ')} block in branches.",
    )


def _brnet() -> Architecture:
    return replace(
        _branched("top", (2, 2)),
        name="BRNet",
        label="BRNet",
        note="Two branches of two wide layers, summed, then a residual trunk that narrows to one number.",
    )


def _ibrnet() -> Architecture:
    return replace(
        _brnet(),
        name="iBRNet",
        label="iBRNet",
        source=IBRNET,
        note="Layer for layer the network of BRNet; what is new in iBRNet is the recipe of the same name.",
    )


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        _brnet(),
        _ibrnet(),
        *(_branched(*layout) for layout in _LAYOUTS),
        _trunk(),
        *_irnet_family(17),
        *_irnet_family(24),
        *_irnet_family(48),
        _elemnet(),
    )
}
