"""The question asked of the data, as one frozen value: hash it, store it, repeat it."""

import hashlib

from pydantic import Field

from brnet.materials.properties import Quantity
from brnet.materials.reading import Reading, Task

__all__ = ["Experiment", "Task"]


class Experiment(Reading):
    """One network trained on one reading of one table, and what it is compared with.

    The same question has the same `key`, so a repeat can show the run that already answered it.
    """

    dataset: str = Field(description="Content hash of the table.")
    quantity: Quantity
    task: Task = "regression"
    features: tuple[str, ...] = ("ef", "pa")
    architecture: str = "BRNet"
    parameters: int | None = Field(200_000, description="Parameter budget; None keeps the published widths.")
    recipe: str = "fast"
    split: str = "formula"
    held_out: str = Field("", description="The element, cluster or fold to test on, where the split asks.")
    seed: int = Field(0, ge=0, lt=2**32)
    epochs: int | None = Field(
        None, ge=1, description="At most so many epochs; None leaves it to the recipe."
    )
    baselines: tuple[str, ...] = ("mean", "ridge", "knn", "hist_gb", "lightgbm", "forest", "extra_trees")

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
