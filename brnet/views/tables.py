"""Leaderboards, comparisons, answers and file downloads as data frames whose headers carry the units."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from brnet.materials.cleaning import RULES, TouchedRow
from brnet.materials.dataset import Dataset
from brnet.materials.properties import Quantity
from brnet.materials.splits.rules import Split
from brnet.materials.tables.table import spreadsheet_safe
from brnet.training.experiment import Task
from brnet.training.metrics import HEADLINE, METRICS
from brnet.training.report import Report, Row
from brnet.views import words

if TYPE_CHECKING:
    from brnet.zoo.lookup import Answer
    from brnet.zoo.shelf import Shelved

Frame = pd.DataFrame

SHOWN: dict[Task, tuple[str, ...]] = {
    "regression": ("mae", "rmse", "r2"),
    "classification": ("balanced_accuracy", "roc_auc", "f1", "mcc"),
}


def leaderboard(rows: Sequence[Row], *, task: Task, quantity: Quantity) -> pd.DataFrame:
    """One line a model, best first, models that could not be fitted last with their reason."""
    lines = [_line(row, task, quantity) | _doubt(row) for row in _best_first(rows, task)]
    return _without_empty(pd.DataFrame(lines))


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One line of a comparison; `run` is empty for a baseline that says the same in each run that has it.

    A baseline that says the same in several runs and otherwise in another is named after the first of them.
    """

    run: str
    row: Row

    @property
    def label(self) -> str:
        if self.row.kind == "network":
            return self.run
        return f"{words.model(self.row)} ({self.run})" if self.run else words.model(self.row)


def titles(reports: Mapping[str, Report]) -> dict[str, str]:
    """Run id -> a short name of its network, with seed and id only where several would read alike."""
    told = {
        run_id: (
            f"{report.experiment.architecture} {words.parameters(report.n_parameters)}",
            f"seed {report.experiment.seed}",
            run_id,
        )
        for run_id, report in reports.items()
    }
    for n_words in (1, 2, 3):
        names = {run_id: ", ".join(facts[:n_words]) for run_id, facts in told.items()}
        if len(set(names.values())) == len(names):
            break
    return names


def contenders(reports: Mapping[str, Report]) -> list[Contender]:
    """Every model of several runs, best first; `reports` maps a run's title to its report."""
    task = next(iter(reports.values())).experiment.task
    said: dict[str, set[tuple[float, ...]]] = defaultdict(set)
    for report in reports.values():
        for row in report.rows:
            said[row.name].add(row.predictions)
    found: dict[tuple[object, ...], Contender] = {}
    for title, report in reports.items():
        for row in report.rows:
            if row.kind == "baseline":
                shown = "" if len(said[row.name]) == 1 else title
                found.setdefault((row.name, row.predictions), Contender(run=shown, row=row))
            else:
                found[title, row.name] = Contender(run=title, row=row)
    order = {
        id(row): place for place, row in enumerate(_best_first([line.row for line in found.values()], task))
    }
    return sorted(found.values(), key=lambda line: order[id(line.row)])


def comparison(reports: Mapping[str, Report]) -> pd.DataFrame:
    """The contenders as a table; `reports` maps a run's title to its report."""
    first = next(iter(reports.values())).experiment
    lines = [
        {"run": line.run} | _line(line.row, first.task, first.quantity) | _doubt(line.row)
        for line in contenders(reports)
    ]
    return _without_empty(pd.DataFrame(lines))


def same_quantity(reports: Iterable[Report]) -> bool:
    """Whether all reports predict the same quantity in the same way, so that one axis holds their scores."""
    asked = {
        (report.experiment.task, report.experiment.quantity.axis, report.experiment.quantity.log10)
        for report in reports
    }
    return len(asked) == 1


def comparable(reports: Iterable[Report]) -> str:
    """Empty when all reports score the same test rows of the same quantity, else the sentence of warning."""
    reports = list(reports)
    if not same_quantity(reports):
        return "These runs predict different quantities, so their scores cannot be held against each other."
    tested = {(report.test_formulas, report.test_values) for report in reports}
    if len(tested) > 1:
        return (
            "These runs were scored on different test rows, so a smaller error may only mean easier rows; "
            "train with the same dataset, split and seed to compare."
        )
    return ""


def answers(
    given: Sequence[tuple["Shelved", Sequence["Answer"]]], own: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """One line a formula and model, models under one another for each formula; `own` was asked with all."""
    several = len(given) > 1
    lines = [
        ({"model": model.title} if several else {}) | _answer(answer, model.quantity) | dict(own or {})
        for answers_of_one in zip(*(answers for _, answers in given), strict=True)
        for (model, _), answer in zip(given, answers_of_one, strict=True)
    ]
    return _without_empty(pd.DataFrame(lines))


def touched(rows: Sequence[TouchedRow]) -> pd.DataFrame:
    """Rows that cleaning had something to say about: line in the file, formula, kept or not, reason."""
    return pd.DataFrame(
        [(row.line, row.formula, "kept" if row.kept else "left out", row.reason) for row in rows],
        columns=["line", "formula", "row", "reason"],
    )


def rules(rows: Sequence[TouchedRow]) -> pd.DataFrame:
    """One line a rule that touched a row: how many it left out and how many it only marked."""
    found = pd.DataFrame([(row.rule, row.kept) for row in rows], columns=["rule", "kept"])
    counts = found.groupby("rule")["kept"].agg(["size", "sum"])
    lines = [
        (rule.label, int(size - marked), int(marked))
        for rule in RULES.values()
        if rule.name in counts.index
        for size, marked in [counts.loc[rule.name]]
    ]
    return pd.DataFrame(lines, columns=["rule", "rows left out", "rows kept and marked"])


def parts(dataset: Dataset, split: Split) -> pd.DataFrame:
    """One line a part: its rows, its compositions, and how many of those are in the training rows too."""
    learned = _reduced(dataset, split.train)
    lines = []
    for name, rows in (("train", split.train), ("choose the epoch", split.valid), ("test", split.test)):
        cells: dict[str, object] = {"rows that": name, "rows": len(rows)}
        if dataset.compositions:
            found = _reduced(dataset, rows)
            again = None if rows is split.train else len(found & learned)
            cells |= {"compositions": len(found), "of them also in training": again}
        lines.append(cells)
    return pd.DataFrame(lines)


def _reduced(dataset: Dataset, rows: np.ndarray) -> set[str]:
    return {dataset.compositions[row].reduced for row in rows} if dataset.compositions else set()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as a CSV file (UTF-8); cells that a spreadsheet would run as formulas are quoted."""
    safe = frame.map(lambda cell: spreadsheet_safe(cell) if isinstance(cell, str) else cell)
    safe.columns = [spreadsheet_safe(str(name)) for name in frame.columns]
    return safe.to_csv(index=False).encode()


def _line(row: Row, task: Task, quantity: Quantity) -> dict[str, object]:
    cells: dict[str, object] = {"model": words.model(row), "kind": row.kind}
    cells |= {words.metric_label(name, quantity): row.scores.get(name) for name in SHOWN[task]}
    return cells | {"parameters": row.parameters, "seconds": row.seconds}


def _doubt(row: Row) -> dict[str, object]:
    return {"why there is no score": row.error}


def _best_first(rows: Sequence[Row], task: Task) -> list[Row]:
    headline = METRICS[HEADLINE[task]]
    sign = 1.0 if headline.better == "lower" else -1.0
    scored = [row for row in rows if headline.name in row.scores]
    failed = [row for row in rows if headline.name not in row.scores]
    return [*sorted(scored, key=lambda row: sign * row.scores[headline.name]), *failed]


def _answer(answer: "Answer", quantity: Quantity) -> dict[str, object]:
    sure = None if answer.probability is None else max(answer.probability, 1 - answer.probability)
    cells: dict[str, object] = {
        "formula": answer.formula,
        "value": _kept(answer.value, answer),
        "class": words.class_name(answer.text, quantity),
        "probability": sure,
        "90 % from": _kept(answer.low, answer),
        "90 % to": _kept(answer.high, answer),
        "unit": answer.unit,
        "refused because": answer.error,
        "caution": answer.caution,
        "learned from it": "yes" if answer.learned else "",
        "how it was read": " ".join(answer.notes),
    }
    return cells


def _kept(value: float | None, answer: "Answer") -> float | None:
    """The value less the digits far below its doubt; two more are kept than are shown elsewhere."""
    if value is None or answer.low is None or answer.high is None:
        return value
    places = words.decimals(answer.low, answer.high)
    return value if places is None else round(value, places + 2)


def _without_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame less the columns that say nothing in any line."""
    told = [name for name in frame.columns if (frame[name].notna() & (frame[name] != "")).any()]
    return frame[told]
