"""An architecture as a torch module, and the description of that module's real layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn

from brnet.models.architecture import Activation, Architecture, Block

LEAKY_RELU_SLOPE = 0.3  # Keras's default, which BRNet's code uses; torch's is 0.01
BATCH_NORM_EPS = 1e-3  # TF slim's default, which IRNet's code uses; torch's is 1e-5

# DIFFERS: IRNet's code has TF slim's 0.999, which it never uses: its training flag is never set, so it
# normalises by the batch in evaluation too, and a prediction depends on its neighbours in the batch. Here
# evaluation uses running statistics, and those must keep up with short trainings: on 1,200 made-up rows,
# 60 epochs of 19 steps, an eighth of the width, 0.999 left IRNet-17's MAE on 300 more rows at 0.69, 0.9 at
# 0.31, batch statistics at 0.37.
BATCH_NORM_DECAY = 0.9

Kind = Literal["dense", "batch_norm", "activation", "projection", "identity", "dropout", "output"]


class Network(nn.Module):
    """Fully connected regressor built from an architecture: (batch, n_inputs) -> (batch,).

    Weights are Glorot-uniform from `generator` (torch's global one where None), biases zero.
    """

    def __init__(
        self, architecture: Architecture, n_inputs: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.n_inputs = n_inputs
        widths_in = (n_inputs, *architecture.widths[:-1])
        self.blocks = nn.Sequential(
            *(
                BlockModule(architecture, block, n_in)
                for block, n_in in zip(architecture.blocks, widths_in, strict=True)
            )
        )
        self.output = _linear(architecture.widths[-1], 1)
        _initialise(self, generator)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.blocks(x)).squeeze(-1)


class BlockModule(nn.Module):
    """Branches that read one input, summed, then the block's shortcut: (batch, n_in) -> (batch, width)."""

    def __init__(self, architecture: Architecture, block: Block, n_in: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            _branch(architecture, n_in, block.width, n_layers) for n_layers in block.branches
        )
        self.shortcut = _shortcut(n_in, block.width) if architecture.shortcut == "block" else None
        self.dropout = nn.Dropout(block.dropout) if block.dropout else None

    def forward(self, x: Tensor) -> Tensor:
        first, *others = self.branches
        y = first(x)
        for branch in others:
            y = y + branch(x)
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return y if self.dropout is None else self.dropout(y)


class LayerModule(nn.Module):
    """Dense, batch norm where wanted, activation, then the shortcut: (batch, n_in) -> (batch, n_out)."""

    def __init__(self, architecture: Architecture, n_in: int, n_out: int) -> None:
        super().__init__()
        self.width = n_out
        self.dense = _linear(n_in, n_out)
        self.norm = _batch_norm(n_out) if architecture.batch_norm else None
        self.activation = _activation(architecture.activation)
        self.shortcut = _shortcut(n_in, n_out) if architecture.shortcut == "layer" else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.dense(x)
        if self.norm is not None:
            y = self.norm(y)
        y = self.activation(y)
        return y if self.shortcut is None else y + self.shortcut(x)


@dataclass(frozen=True, kw_only=True)
class LayerInfo:
    """One module of a network: what it is, where it sits, how wide, how many trainable parameters.

    Blocks, branches and layers count from 0. `branch` and `layer` are None for what belongs to a whole
    block, such as the shortcut around it. The output layer is a block of its own, after the last.
    """

    kind: Kind
    block: int
    branch: int | None
    layer: int | None
    n_in: int
    n_out: int
    n_parameters: int
    label: str


def describe(network: Network) -> tuple[LayerInfo, ...]:
    """Every module of the network in the order of computation, read from the real modules."""
    return tuple(_describe(network))


def _describe(network: Network) -> Iterator[LayerInfo]:
    for number, module in enumerate(network.blocks):
        block = cast(BlockModule, module)
        branches = [[cast(LayerModule, layer) for layer in cast(nn.Sequential, b)] for b in block.branches]
        for branch, layers in enumerate(branches):
            for number_in_branch, layer in enumerate(layers):
                for kind, part in _parts(layer):
                    yield _info(kind, part, layer.width, (number, branch, number_in_branch))
        width = branches[0][-1].width
        if block.shortcut is not None:
            yield _info(_shortcut_kind(block.shortcut), block.shortcut, width, (number, None, None))
        if block.dropout is not None:
            yield _info("dropout", block.dropout, width, (number, None, None))
    yield _info("output", network.output, 1, (len(network.blocks), None, None))


def _parts(layer: LayerModule) -> Iterator[tuple[Kind, nn.Module]]:
    yield "dense", layer.dense
    if layer.norm is not None:
        yield "batch_norm", layer.norm
    yield "activation", layer.activation
    if layer.shortcut is not None:
        yield _shortcut_kind(layer.shortcut), layer.shortcut


def _info(kind: Kind, module: nn.Module, width: int, place: tuple[int, int | None, int | None]) -> LayerInfo:
    block, branch, layer = place
    linear = isinstance(module, nn.Linear)
    return LayerInfo(
        kind=kind,
        block=block,
        branch=branch,
        layer=layer,
        n_in=cast(nn.Linear, module).in_features if linear else width,
        n_out=cast(nn.Linear, module).out_features if linear else width,
        n_parameters=sum(p.numel() for p in module.parameters() if p.requires_grad),
        label=_label(kind, module),
    )


def _label(kind: Kind, module: nn.Module) -> str:
    if isinstance(module, nn.LeakyReLU):
        return f"LeakyReLU {module.negative_slope:g}"
    if isinstance(module, nn.Dropout):
        return f"dropout {module.p:g}"
    return type(module).__name__ if kind == "activation" else kind.replace("_", " ")


def _shortcut_kind(shortcut: nn.Module) -> Kind:
    return "projection" if isinstance(shortcut, nn.Linear) else "identity"


def _branch(architecture: Architecture, n_in: int, width: int, n_layers: int) -> nn.Sequential:
    widths_in = (n_in, *[width] * (n_layers - 1))
    return nn.Sequential(*(LayerModule(architecture, n, width) for n in widths_in))


def _shortcut(n_in: int, n_out: int) -> nn.Module:
    return nn.Identity() if n_in == n_out else _linear(n_in, n_out)


def _batch_norm(width: int) -> nn.BatchNorm1d:
    return nn.BatchNorm1d(width, eps=BATCH_NORM_EPS, momentum=1 - BATCH_NORM_DECAY)


def _activation(name: Activation) -> nn.Module:
    match name:
        case "relu":
            return nn.ReLU()
        case "leaky_relu":
            return nn.LeakyReLU(LEAKY_RELU_SLOPE)
        case "silu":
            return nn.SiLU()


def _linear(n_in: int, n_out: int) -> nn.Linear:
    return cast(nn.Linear, nn.utils.skip_init(nn.Linear, n_in, n_out))  # _initialise fills it


def _initialise(network: nn.Module, generator: torch.Generator | None) -> None:
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight, generator=generator)
            nn.init.zeros_(module.bias)
