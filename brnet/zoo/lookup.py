"""Formulas in, answers out: a value with its interval and unit, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brnet.errors import BrnetError, FormulaError
from brnet.materials.fingerprint import known
from brnet.materials.formulas.formula import Composition, read_formulas
from brnet.materials.formulas.units import unit_of_header
from brnet.materials.inputs.features import unsupported
from brnet.materials.reading import Reading
from brnet.materials.tables.columns import guess_formula_column
from brnet.materials.tables.mixture import Mixture, guess_mixture, mix
from brnet.materials.tables.table import Table
from brnet.models.predictor import Predictor
from brnet.settings import settings
from brnet.zoo.domain import caution

NOTHING = Composition(())  # what a model is given that sees no composition


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model says of one formula.

    Either `error` says why it says nothing, or `value` is in `unit` between `low` and `high` (90 %).
    For classification `text` is the likelier label and `probability` that of the second class. `learned`
    says that the composition was among the rows that the model was trained on or chosen by.
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
    learned: bool = False


def look_up(
    predictor: Predictor, formulas: Sequence[str], own: pd.DataFrame | Mapping[str, str] | None = None
) -> list[Answer]:
    """One answer a formula, in order. Raises BrnetError where there are more than the limit.

    `own` holds the texts of the further columns that the model asks for, a row a formula or one text for
    all; a note says what was filled in where one is missing. A model that sees only those columns takes the
    formulas as names.
    """
    return answer(predictor, formulas, _read(predictor, formulas), own)


def answer(
    predictor: Predictor,
    formulas: Sequence[str],
    readings: Sequence[Composition | FormulaError],
    own: pd.DataFrame | Mapping[str, str] | None = None,
) -> list[Answer]:
    """One answer a reading, under the name that `formulas` gives it. Raises BrnetError above the limit."""
    most = settings().max_lookup_formulas
    if len(formulas) > most:
        raise BrnetError(
            f"{len(formulas):,} formulas are more than the limit of {most:,} at once; send fewer."
        )
    refused = [_refusal(reading, predictor) for reading in readings]
    places = [place for place, reason in enumerate(refused) if not reason]
    compositions = [c for place in places if isinstance(c := readings[place], Composition)]
    cells = _cells(own, len(readings)).iloc[places]
    prediction = predictor.predict(compositions, cells)
    learned = _among_learned(compositions, predictor)
    numbers = zip(prediction.values, prediction.low, prediction.high, strict=True)
    given = {
        place: _answer(formulas[place], composition, triple, predictor, filled, bool(again))
        for place, composition, triple, filled, again in zip(
            places, compositions, numbers, predictor.own.notes(cells), learned, strict=True
        )
    }
    return [
        given.get(place) or Answer(formula=formula, error=refused[place])
        for place, formula in enumerate(formulas)
    ]


def find_materials(table: Table, own: Reading) -> str | Mixture:
    """Where a table's compositions are for a model that learned from `own`: '' where there are none.

    In the columns of the model's own table where this one has them all, else where they are recognised.
    """
    if own.has_compositions and set(own.mixture.columns if own.mixture else (own.formula_column,)) <= set(
        table.frame.columns
    ):
        return own.mixture or own.formula_column
    return guess_formula_column(table) or guess_mixture(table.frame, name=table.name) or ""


def answer_table(
    frame: pd.DataFrame, materials: str | Mixture, predictor: Predictor, *, model: str = "brnet"
) -> pd.DataFrame:
    """All of the user's columns in their order, then the answers; refused rows stay, with their reason.

    `materials` names the column of formulas or the columns of amounts; '' numbers the rows, for a model that
    sees no composition. `model` tells the answers' columns from those of the same name that are there
    already.
    """
    if isinstance(materials, Mixture):
        answers = answer(predictor, *mix(frame, materials), frame)
    elif materials:
        formulas = [str(cell).strip() for cell in frame[materials]]
        answers = answer(
            predictor, formulas, _read(predictor, formulas, unit=unit_of_header(materials)), frame
        )
    else:
        answers = look_up(predictor, [f"row {row}" for row in range(1, len(frame) + 1)], frame)
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


def _read(
    predictor: Predictor, formulas: Sequence[str], *, unit: str = ""
) -> Sequence[Composition | FormulaError]:
    """What the formulas say; nothing of a name, where the model sees no composition."""
    return read_formulas(formulas, unit=unit) if predictor.features else [NOTHING] * len(formulas)


def _cells(own: pd.DataFrame | Mapping[str, str] | None, n_rows: int) -> pd.DataFrame:
    """The further columns as a frame of `n_rows` rows."""
    if isinstance(own, pd.DataFrame):
        return own.reset_index(drop=True)
    return pd.DataFrame(dict(own or {}), index=range(n_rows))


def _among_learned(compositions: Sequence[Composition], predictor: Predictor) -> np.ndarray:
    """Whether each composition was among those that the model has learned from (n,)."""
    if not predictor.features or not len(predictor.learned):
        return np.zeros(len(compositions), dtype=bool)
    return known(compositions, predictor.learned)


def _refusal(reading: Composition | FormulaError, predictor: Predictor) -> str:
    return str(reading) if isinstance(reading, FormulaError) else unsupported(reading, predictor.features)


def _answer(
    formula: str,
    composition: Composition,
    numbers: tuple[float, float, float],
    predictor: Predictor,
    filled: tuple[str, ...],
    learned: bool,
) -> Answer:
    value, low, high = (None if np.isnan(number) else float(number) for number in numbers)
    warning = caution(composition, predictor.seen)
    if predictor.task == "classification":
        assert value is not None
        return Answer(
            formula=formula,
            text=predictor.classes[int(value >= 0.5)],
            probability=value,
            notes=composition.notes + filled,
            caution=warning,
            learned=learned,
        )
    return Answer(
        formula=formula,
        value=value,
        low=low,
        high=high,
        unit=predictor.quantity.unit,
        notes=composition.notes + filled,
        caution=warning,
        learned=learned,
    )
