"""How a network is trained, as frozen tables; no torch here."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from brnet.models.architecture import Activation, Architecture

BRNET = "BRNet's published code (doi 10.1038/s41598-023-36336-5)"
IBRNET = "iBRNet's published code (doi 10.1186/s13321-024-00811-6)"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One way of training.

    `steps` makes the number of epochs follow the number of rows: so many optimiser steps, but between
    `epochs_fewest` and `epochs`. `activation` and `dropout` replace the architecture's where given.
    """

    name: str
    label: str
    note: str
    source: str
    batch_size: int
    epochs: int
    learning_rate: float
    steps: int | None = None
    epochs_fewest: int = 1
    batch_size_most: int | None = None  # batches grow with the table up to here
    adam_epsilon: float = 1e-7
    adam_betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine", "plateau"] = "constant"
    warm_up: float = 0.0  # share of the steps
    plateau_patience: int = 45
    plateau_factor: float = 0.1
    plateau_threshold: float = 1e-4  # absolute, in the unit of the loss
    learning_rate_least: float = 0.0
    patience: int | None = None  # epochs without a better validation loss; None trains to the end
    clip: float | None = None  # norm of the gradient of all parameters together
    averaging: float = 0.0  # weight that the running mean of the weights keeps at each step; 0 is off
    scaled: bool = False  # inputs and target, see models/scaling.py
    activation: Activation | None = None
    dropout: float | None = None

    def batch_size_for(self, n_train: int) -> int:
        """Rows in a batch for a table of `n_train` training rows."""
        if self.batch_size_most is None:
            return self.batch_size
        wanted = 2 ** round(math.log2(max(1.0, n_train / 30)))
        return min(self.batch_size_most, max(self.batch_size, wanted))

    def epochs_for(self, n_train: int) -> int:
        """Epochs at most for a table of `n_train` training rows."""
        if self.steps is None:
            return self.epochs
        steps_an_epoch = math.ceil(n_train / self.batch_size_for(n_train))
        return min(self.epochs, max(self.epochs_fewest, round(self.steps / steps_an_epoch)))

    def applied_to(self, architecture: Architecture) -> Architecture:
        """The architecture with this recipe's activation and dropout."""
        if self.activation is not None:
            architecture = replace(architecture, activation=self.activation)
        if self.dropout is None:
            return architecture
        blocks = tuple(
            replace(block, dropout=self.dropout if wide else 0.0)
            for block, wide in zip(architecture.blocks, _wide_blocks(architecture), strict=True)
        )
        return replace(architecture, blocks=blocks)


def _wide_blocks(architecture: Architecture) -> list[bool]:
    """Which blocks are at least a quarter as wide as the widest: narrow ones cannot spare a unit."""
    widest = max(architecture.widths)
    return [4 * width >= widest for width in architecture.widths]


_REFERENCE = Recipe(
    name="reference",
    label="Reference (BRNet's authors)",
    note="Adam at a constant 1e-4, batch 32, no scaling, up to 3,000 epochs, early stopping after 100.",
    source=BRNET,
    batch_size=32,
    epochs=3000,
    learning_rate=1e-4,
    patience=100,
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="fast",
            label="Fast (default)",
            note="Scaled inputs and target, clipped gradients, warm-up and cosine decay, averaged weights.",
            source="this project",  # DIFFERS: from the papers in every line below
            batch_size=32,
            batch_size_most=512,
            epochs=400,
            epochs_fewest=30,
            steps=6000,
            learning_rate=3e-3,
            adam_epsilon=1e-8,
            adam_betas=(0.9, 0.99),
            schedule="cosine",
            warm_up=0.05,
            clip=0.3,
            averaging=0.99,
            scaled=True,
            activation="silu",
            dropout=0.05,
        ),
        _REFERENCE,
        replace(
            _REFERENCE,
            name="ibrnet",
            label="iBRNet (reduce on plateau)",
            note="BRNet's recipe, but the rate is cut to a tenth after 45 epochs without gain; patience 50.",
            source=IBRNET,
            schedule="plateau",
            learning_rate_least=1e-8,
            patience=50,
        ),
    )
}
