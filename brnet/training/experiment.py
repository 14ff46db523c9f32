"""The question asked of the data, as one frozen value: hash it, store it, repeat it."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from brnet.materials.properties import Quantity

Task = Literal["regression", "classification"]


class Experiment(BaseModel):
    """One network trained on one column of one table, and what it is compared with.

    The same question has the same `key`, so a repeat can show the run that already answered it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str = Field(description="Content hash of the table.")
    formula_column: str
    target: str
    quantity: Quantity
    task: Task = "regression"
    features: tuple[str, ...] = ("ef", "pa")
    architecture: str = "BRNet"
    parameters: int | None = Field(200_000, description="Parameter budget; None keeps the published widths.")
    recipe: str = "fast"
    split: str = "formula"
    seed: int = Field(0, ge=0, lt=2**32)
    epochs: int | None = Field(
        None, ge=1, description="At most so many epochs; None leaves it to the recipe."
    )
    baselines: tuple[str, ...] = ("mean", "ridge", "knn", "hist_gb", "lightgbm", "forest", "extra_trees")

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
