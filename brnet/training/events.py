"""What a training run says while it runs: frozen values, in the order they happen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brnet.models.predictor import Predictor
    from brnet.training.report import Report, Row


@dataclass(frozen=True, kw_only=True)
class Began:
    """Data are split and the network is built."""

    n_train: int
    n_valid: int
    n_test: int
    n_inputs: int
    n_parameters: int
    epochs: int
    device: str


@dataclass(frozen=True, kw_only=True)
class EpochEnded:
    """One pass over the training rows. Losses and errors are in the unit of the table's column;
    for classification the loss is the cross-entropy and the error is 1 − balanced accuracy. `seconds`
    counts from the start of training, over interruptions."""

    epoch: int
    epochs: int
    train_loss: float
    valid_loss: float
    valid_error: float
    learning_rate: float
    seconds: float
    best_epoch: int


@dataclass(frozen=True, kw_only=True)
class Checkpointed:
    """All that is needed to go on from here: tensors, numbers and texts only."""

    epoch: int
    state: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RowScored:
    """A line of the leaderboard: the network's or a baseline's."""

    row: "Row"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The last event: the trained predictor, its report, the scored rows."""

    predictor: "Predictor"
    report: "Report"


Event = Began | EpochEnded | Checkpointed | RowScored | Finished
