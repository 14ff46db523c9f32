"""Which columns of a table are a composition: headers that name components, cells that add up."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
import pandas as pd

from brnet.materials.formulas.units import Unit, unit_of_header
from brnet.materials.tables.amounts import FARTHEST, Amounts, Component, component_of, read_amounts

SAMPLE_ROWS = 1000  # rows looked at, spread over the table; fewer of a table with many columns
SAMPLE_CELLS = 200_000
MOST = 0.9  # the share of rows or cells that has to fit
TRIMMED = 2  # columns left out at either end of a row of columns

# The metals that engineering alloys are mostly made of, and how a table's name announces them. Their tables
# are in weight percent as a rule; metallic glasses and high-entropy alloys, in atomic percent, lack a metal
# that is half of all.
BASES = {
    "Fe": r"steel|(?<![a-z])(?:cast[ _-]?)?iron(?![a-z])",
    "Al": r"(?<![a-z])alumini?um|(?<![a-z])al[ _-]alloy",
    "Ti": r"titanium|(?<![a-z])ti[ _-]alloy",
    "Ni": r"superalloy|(?<![a-z])nickel|(?<![a-z])ni[ _-]alloy",
    "Cu": r"(?<![a-z])(?:copper|brass|bronze)|(?<![a-z])cu[ _-]alloy",
    "Mg": r"magnesium|(?<![a-z])mg[ _-]alloy",
    "Co": r"(?<![a-z])cobalt[ _-]alloy|(?<![a-z])co[ _-]alloy",
    "Zn": r"(?<![a-z])zinc[ _-]alloy|(?<![a-z])zn[ _-]alloy",
}


class Found(NamedTuple):
    """Columns that are a composition, its unit, and the component left open, '' for none."""

    columns: tuple[str, ...]
    unit: Unit
    balance: str


def find_amounts(frame: pd.DataFrame, *, name: str = "") -> Found | None:
    """At least two columns, named as elements or compounds, whose cells look like a composition; else None.

    The cells sum to 100 or 1 in nine rows of ten; or to less where one component is left open: its cells say
    'bal' or are empty, the table's name announces the metal ('titanium alloys'), it is the iron of a steel
    (C and Mn without Fe), or every header gives a unit. The unit is the headers', else the table name's, else
    mol% for compounds, wt% for an alloy of one engineering metal, at% for other elements and for fractions.
    """
    known = {header: component for header in frame.columns if (component := component_of(str(header)))}
    if len(known) < 2 or frame.empty:
        return None
    n_rows = min(SAMPLE_ROWS, SAMPLE_CELLS // len(known))
    amounts = read_amounts(frame.iloc[:: max(1, len(frame) // n_rows)], tuple(known))
    numeric = amounts.wrong.mean(axis=0) <= 1 - MOST
    places = {header: place for place, header in enumerate(known) if numeric[place]}
    tries = list(_tries({header: known[header] for header in places}, list(frame.columns)))
    for look in (_adds_up, _left_open):
        for tried in tries:
            components = [known[header] for header in tried]
            part = amounts.of([places[header] for header in tried])
            balance = look(components, part, name)
            if balance is not None:
                return Found(tuple(tried), _unit(components, part, balance, name), balance)
    return None


def _tries(known: dict[str, Component], headers: Sequence[str]) -> Iterator[list[str]]:
    """Columns that could be the composition: all of one unit first, then those that stand side by side."""
    sets: list[list[str]] = []
    for unit in ("at%", "mol%", "wt%"):
        same = [header for header, component in known.items() if component.unit == unit]
        sets += [[h for h, c in known.items() if c.unit in (unit, None)], same] if same else []
    sets.append([header for header, component in known.items() if component.unit is None])
    sets += [[header for header in chosen if not known[header].doubtful] for chosen in sets]
    yield from (chosen for chosen in sets if len(chosen) > 1)
    for chosen in sets:
        for run in _runs(chosen, headers):
            # A running number, a temperature or a hardness beside the amounts can have an element's symbol.
            for cut in range(1, TRIMMED + 1):
                yield from (part for part in (run[cut:], run[:-cut], run[cut:-cut], run) if len(part) > 1)


def _runs(chosen: Sequence[str], headers: Sequence[str]) -> list[list[str]]:
    """The chosen columns that stand side by side."""
    among = set(chosen)
    runs: list[list[str]] = [[]]
    for header in headers:
        if header in among:
            runs[-1].append(header)
        elif runs[-1]:
            runs.append([])
    return runs


def _adds_up(components: Sequence[Component], part: Amounts, name: str) -> str | None:
    """'', for no balance, where the rows sum to 100, or all to 1, and two components occur; else None."""
    totals = part.values.sum(axis=1)
    told = totals > 0
    if not told.any() or (part.values > 0).any(axis=0).sum() < 2:
        return None
    sums = any((np.abs(totals[told] / whole - 1) <= FARTHEST).mean() >= MOST for whole in (100, 1))
    return "" if sums else None


def _left_open(components: Sequence[Component], part: Amounts, name: str) -> str | None:
    """The component that fills up, '' where headers give a unit but nothing says which it is, else None."""
    totals = part.values.sum(axis=1)
    if any(component.doubtful for component in components):
        return None
    if (totals > 100 * (1 + FARTHEST)).mean() > 1 - MOST or (totals > 0).mean() < MOST:
        return None
    names = [component.name for component in components]
    says_balance = part.balance.any(axis=1)
    if says_balance.mean() > 0.5:
        return names[int(part.balance.sum(axis=0).argmax())]
    empty = [
        n for n, share in zip(names, part.blank.mean(axis=0), strict=True) if share >= MOST and n in BASES
    ]
    if len(empty) == 1 and len(names) > 2:
        return empty[0]
    low = (totals <= 50).mean() >= MOST and len(names) > 2
    stem = PurePath(name).stem.lower()
    announced = next((metal for metal, words in BASES.items() if re.search(words, stem)), "")
    if low and announced and announced not in names:
        return announced
    if low and {"C", "Mn"} <= set(names) and "Fe" not in names:
        return "Fe"
    return "" if all(component.unit for component in components) else None


def _unit(components: Sequence[Component], part: Amounts, balance: str, name: str) -> Unit:
    compounds = any(component.composition.n_atoms != 1 for component in components)
    named = next((c.unit for c in components if c.unit), None) or unit_of_header(PurePath(name).stem)
    if named and not (named == "at%" and compounds):
        return named
    if compounds:
        return "mol%"
    shares = part.values.mean(axis=0)
    largest = components[int(shares.argmax())].name
    is_alloy = balance in BASES or (largest in BASES and shares.max() > 50)
    return "wt%" if is_alloy else "at%"
