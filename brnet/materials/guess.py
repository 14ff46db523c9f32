"""What a table itself announces: its formula column, what to learn, what the values mean."""

from dataclasses import dataclass

import numpy as np

from brnet.errors import TableError
from brnet.materials.columns import guess_columns, guess_formula_column, to_numbers
from brnet.materials.dataset import Task, guess_task
from brnet.materials.properties import Quantity, guess_quantity
from brnet.materials.table import Table


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A question that can be asked of a table as it stands."""

    formula_column: str
    target: str
    task: Task
    quantity: Quantity


def guess(table: Table, *, formula_column: str | None = None, target: str | None = None) -> Guess:
    """What can be learned from a table; what is given is not guessed. Raises TableError."""
    if target is None:
        target = guess_columns(table).targets[0]
    if target not in table.frame.columns:
        known = ", ".join(map(repr, table.frame.columns[:10]))
        raise TableError(f"{table.name} has no column {target!r}; its columns are {known}.")
    cells = table.frame[target]
    task = guess_task(cells)
    quantity = guess_quantity(target, table_name=table.name.rsplit(".", 1)[0])
    return Guess(
        formula_column=formula_column or guess_formula_column(table),
        target=target,
        task=task,
        quantity=_loosened(quantity, to_numbers(cells)) if task == "regression" else quantity,
    )


def _loosened(quantity: Quantity, values: np.ndarray) -> Quantity:
    """Without the bounds that the values break: they are not the quantity that the words announced."""
    allowed = quantity.allows(values[np.isfinite(values)])
    return quantity if allowed.all() else quantity.model_copy(update={"lower": None, "upper": None})
