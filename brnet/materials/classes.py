"""Columns of classes: which two labels they hold, which of them is asked for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.reading import Task
from brnet.materials.tables.columns import label_of, labels_of, to_numbers, two_labels

# Which of two labels is class 1, the one that is asked for; otherwise the second in alphabetical order.
# '1' follows '0' and '-1' in that order already.
POSITIVE = frozenset({"yes", "y", "true", "t", "positive", "metal", "+"})
NEGATIVE = frozenset({"-", "none"})


def guess_task(cells: pd.Series) -> Task:
    """Two labels, or only 0 and 1, are classes; anything else is a number to learn.

    A stray cell among twenty changes nothing, but a second number beside 0 and 1 does.
    """
    labels = labels_of(cells)
    found = two_labels(labels)
    if found is None:
        return "regression"
    numbers = np.isfinite(to_numbers(labels))
    if found == ("0", "1"):
        return "classification" if numbers.sum() - labels.isin(found).sum() <= 1 else "regression"
    text_only = not np.isfinite(to_numbers(pd.Series(found))).any()
    exact = labels.nunique() == 2 and not numbers.all()
    return "classification" if text_only or exact else "regression"


def read_classes(cells: pd.Series, *, table_name: str) -> tuple[str, str]:
    """The two labels of a column in their commonest spelling, the positive one last."""
    labels = labels_of(cells)
    found = two_labels(labels)
    if found is None:
        different = sorted(set(labels))
        shown = ", ".join(map(repr, different[:5]))
        raise TableError(
            f"Classes need exactly two labels; column {cells.name!r} of {table_name} has "
            f"{len(different)} ({shown})."
        )
    first, second = found
    if (first in POSITIVE and second not in POSITIVE) or (second in NEGATIVE and first not in NEGATIVE):
        first, second = second, first
    return _spelling(cells, labels, first), _spelling(cells, labels, second)


def _spelling(cells: pd.Series, labels: pd.Series, label: str) -> str:
    if np.isfinite(to_numbers(pd.Series([label])))[0]:
        return label
    return str(cells[labels.index][labels == label].str.strip().mode().iloc[0])


def codes_of(cells: pd.Series, classes: Sequence[str]) -> np.ndarray:
    """0 and 1 for the two classes, NaN for other cells (n,)."""
    codes = dict(zip(label_of(pd.Series(classes)), (0.0, 1.0), strict=True))
    return label_of(cells).map(codes).to_numpy(dtype=float)
