"""What a finished run knows about itself, as values that JSON can hold."""

import csv
import io
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from brnet.materials.tables.table import spreadsheet_safe
from brnet.training.experiment import Experiment


class Row(BaseModel):
    """One line of a leaderboard: one model scored on the same test rows as its neighbours."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    name: str
    kind: Literal["network", "baseline"]
    scores: dict[str, float] = Field(description="Metric name -> value on the test rows.")
    valid_scores: dict[str, float] = Field(description="Metric name -> value on the validation rows.")
    parameters: int | None = None
    seconds: float
    predictions: tuple[float, ...] = Field(
        (),
        description="One number per test row, in the order of Report.test_formulas: a value, or P(positive).",
    )
    note: str = Field("", description="Where this fit departs from its table, such as rows drawn at random.")
    error: str = Field("", description="Why this model could not be fitted; then scores are empty.")


class Report(BaseModel):
    """Everything that was measured, on which rows, with what, for how long."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    experiment: Experiment
    dataset_name: str
    n_rows: int
    n_dropped: int
    n_train: int
    n_valid: int
    n_test: int
    n_inputs: int
    n_parameters: int
    epochs: int = Field(description="Epochs trained.")
    best_epoch: int
    seconds: float = Field(description="Wall seconds of fitting the network.")
    device: str
    versions: dict[str, str]
    rows: tuple[Row, ...]
    test_formulas: tuple[str, ...]
    test_values: tuple[float, ...] = Field(description="As the table holds them: classes are 0 and 1.")
    classes: tuple[str, ...] = Field((), description="Labels of class 0 and 1; empty for regression.")
    interval: float | None = Field(
        None, description="Half-width of the 90 % interval, as the table holds it."
    )
    interval_coverage: float | None = Field(None, description="Share of test values inside that interval.")
    split_note: str = Field("", description="What is to be said of this split: a sentence, or nothing.")
    stopped: str = Field("", description="Why training ended: a sentence.")
    finished_at: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def network(self) -> Row:
        return next(row for row in self.rows if row.kind == "network")


def predictions_csv(report: Report) -> bytes:
    """The test rows: formula, measured value, one column a model."""
    answered = [row for row in report.rows if row.predictions]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["formula", spreadsheet_safe(report.experiment.target), *(row.name for row in answered)])
    columns = zip(*(row.predictions for row in answered), strict=True)
    for formula, actual, predicted in zip(report.test_formulas, report.test_values, columns, strict=True):
        writer.writerow([spreadsheet_safe(formula), actual, *(f"{value:.6g}" for value in predicted)])
    return text.getvalue().encode()
