"""What a table itself announces: its materials, what to learn, what the values mean."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import TableError
from brnet.materials.classes import guess_task
from brnet.materials.inputs.own import usable_columns
from brnet.materials.properties import SAYS_NOTHING, Quantity, guess_quantity, is_known
from brnet.materials.reading import Reading, reading_of
from brnet.materials.tables.columns import guess_columns, to_numbers, why_no_formulas
from brnet.materials.tables.mixture import guess_mixture
from brnet.materials.tables.table import Table

# Under which conditions something was measured is an input more often than what one wants to know.
CONDITION = re.compile(
    r"(t|temp(erature)?|p|pressure|(.*[ _])?(time|rate|duration|thickness))\b", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A question that can be asked of a table as it stands; `doubt` is a sentence on what was not found."""

    reading: Reading
    quantity: Quantity
    doubt: str = ""


def guess(table: Table, *, formula_column: str | None = None, target: str | None = None) -> Guess:
    """What can be learned from a table; what is given is not guessed. Raises TableError.

    Materials are a column of formulas, else columns of amounts, else all that the other columns say.
    """
    columns = guess_columns(table)
    formula = columns.formula if formula_column is None else formula_column
    mixture = None if formula else guess_mixture(table.frame, name=table.name)
    inputs = {formula, *(mixture.columns if mixture else ())}
    if target is None:
        beside = [name for name in columns.targets if name not in inputs]
        # A critical temperature 'Tc' after amounts reads as technetium; something has to be learned.
        target = _first_target(beside or list(mixture.columns[-1:] if mixture else ()), table)
    if target not in table.frame.columns:
        known = ", ".join(map(repr, table.frame.columns[:10]))
        raise TableError(f"{table.name} has no column {target!r}; its columns are {known}.")
    numbers: tuple[str, ...] = ()
    doubt = ""
    if not formula and mixture is None:
        numbers, doubt = _own_numbers(table, leave_out={target}), why_no_formulas(table)
    if mixture and target in mixture.columns:
        mixture = mixture.model_copy(update={"columns": tuple(c for c in mixture.columns if c != target)})
    cells = table.frame[target]
    task = guess_task(cells)
    quantity = guess_quantity(target, table_name=table.name.rsplit(".", 1)[0])
    return Guess(
        reading=reading_of(
            formula_column=formula, mixture=mixture, target=target, task=task, numbers=numbers
        ),
        quantity=_loosened(quantity, to_numbers(cells)) if task == "regression" else quantity,
        doubt=doubt,
    )


def _first_target(targets: Sequence[str], table: Table) -> str:
    """What one would want to learn: a column that says so, a known quantity, else no mere condition."""
    if not targets:
        raise TableError(
            f"{table.name} has no column of numbers or of two labels beside its materials; "
            "add the values to learn."
        )
    if SAYS_NOTHING.match(targets[0].lower()):
        return targets[0]
    known = (name for name in targets if is_known(name))
    others = (name for name in targets if not CONDITION.match(name))
    return next(known, next(others, targets[0]))


def _own_numbers(table: Table, *, leave_out: Collection[str]) -> tuple[str, ...]:
    """The columns of numbers, which are all that there is to learn from. Raises TableError for none."""
    numbers, _ = usable_columns(table.frame, leave_out=leave_out)
    if not numbers:
        raise TableError(why_no_formulas(table))
    return numbers


def _loosened(quantity: Quantity, values: np.ndarray) -> Quantity:
    """Without the bounds that the values break: they are not the quantity that the words announced."""
    allowed = quantity.allows(values[np.isfinite(values)])
    return quantity if allowed.all() else quantity.model_copy(update={"lower": None, "upper": None})
