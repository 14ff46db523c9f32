"""A table of texts as it was given, each row under its line in the file."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Table:
    """All cells as texts. The frame's index is the line in the file."""

    name: str
    frame: pd.DataFrame
    ragged: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
