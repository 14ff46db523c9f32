"""Formulas in, answers out: a value with its interval and unit, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brnet.errors import BrnetError, FormulaError
from brnet.materials.features import unsupported
from brnet.materials.formula import Composition, read_formulas
from brnet.models.predictor import Predictor
from brnet.settings import settings
from brnet.zoo.domain import caution


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model says of one formula.

    Either `error` says why it says nothing, or `value` is in `unit` between `low` and `high` (90 %).
    For classification `text` is the likelier label and `probability` that of the second class.
    """

    formula: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    text: str = ""
    probability: float | None = None
    notes: tuple[str, ...] = ()
    caution: str = ""
    error: str = ""


def look_up(predictor: Predictor, formulas: Sequence[str]) -> list[Answer]:
    """One answer a formula, in order. Raises BrnetError where there are more than the limit."""
    most = settings().max_lookup_formulas
    if len(formulas) > most:
        raise BrnetError(
            f"{len(formulas):,} formulas are more than the limit of {most:,} at once; send fewer."
        )
    readings = [_refuse(reading, predictor) for reading in read_formulas(formulas)]
    readable = [reading for reading in readings if isinstance(reading, Composition)]
    prediction = predictor.predict(readable)
    numbers = iter(zip(prediction.values, prediction.low, prediction.high, strict=True))
    return [
        _answer(formula, reading, next(numbers), predictor)
        if isinstance(reading, Composition)
        else Answer(formula=formula, error=str(reading))
        for formula, reading in zip(formulas, readings, strict=True)
    ]


def answer_table(
    frame: pd.DataFrame, formula_column: str, predictor: Predictor, *, model: str = "brnet"
) -> pd.DataFrame:
    """All of the user's columns in their order, then the answers; refused rows stay, with their reason.

    `model` tells the answers' columns from those of the same name that are there already.
    """
    answers = look_up(predictor, [str(cell).strip() for cell in frame[formula_column]])
    quantity = predictor.quantity
    columns: dict[str, list[object]]
    if predictor.task == "classification":
        positive = predictor.classes[1]
        columns = {
            quantity.label: [answer.text for answer in answers],
            f"probability of {positive}": [answer.probability for answer in answers],
        }
    else:
        columns = {
            f"predicted {quantity.axis}": [answer.value for answer in answers],
            "low (90 %)": [answer.low for answer in answers],
            "high (90 %)": [answer.high for answer in answers],
        }
    columns["note"] = [" ".join([*answer.notes, answer.caution]).strip() for answer in answers]
    columns["refused"] = [answer.error for answer in answers]
    return pd.concat([frame, _apart(columns, frame, model)], axis=1)


def _apart(columns: dict[str, list[object]], frame: pd.DataFrame, model: str) -> pd.DataFrame:
    """The answers as a frame whose names do not repeat those of the frame."""
    taken = set(frame.columns)
    return pd.DataFrame(
        {_free(name, model, taken): cells for name, cells in columns.items()}, index=frame.index
    )


def _free(name: str, model: str, taken: set[str]) -> str:
    tries = (name, f"{name}, {model}", *(f"{name}, {model} ({copy})" for copy in range(2, len(taken) + 3)))
    return next(free for free in tries if free not in taken)


def _refuse(reading: Composition | FormulaError, predictor: Predictor) -> Composition | FormulaError:
    if isinstance(reading, FormulaError):
        return reading
    reason = unsupported(reading, predictor.features)
    return FormulaError(reason) if reason else reading


def _answer(
    formula: str, composition: Composition, numbers: tuple[float, float, float], predictor: Predictor
) -> Answer:
    value, low, high = (None if np.isnan(number) else float(number) for number in numbers)
    warning = caution(composition, predictor.seen)
    if predictor.task == "classification":
        assert value is not None
        return Answer(
            formula=formula,
            text=predictor.classes[int(value >= 0.5)],
            probability=value,
            notes=composition.notes,
            caution=warning,
        )
    return Answer(
        formula=formula,
        value=value,
        low=low,
        high=high,
        unit=predictor.quantity.unit,
        notes=composition.notes,
        caution=warning,
    )
