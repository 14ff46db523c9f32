"""The training loop: a generator that says what happened after every epoch and saves nothing."""

import copy
import math
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from brnet.errors import ExperimentError
from brnet.materials.reading import Task
from brnet.training.events import Checkpointed, EpochEnded
from brnet.training.recipe import Recipe

CHECKPOINT_SECONDS = 5.0
EVALUATION_ROWS = 16_384  # rows in one forward pass without gradients


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Inputs (n, n_inputs) and targets (n,), float32, on the device, scaled as the network sees them."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """How training ended; the network holds the best weights."""

    epochs: int
    best_epoch: int
    seconds: float
    stopped: str


def fit(
    network: nn.Module,
    train: Rows,
    valid: Rows,
    *,
    recipe: Recipe,
    task: Task,
    epochs: int,
    generator: torch.Generator,
    unit: float = 1.0,
    should_finish: Callable[[], bool] = lambda: False,
    resume: Mapping[str, Any] | None = None,
) -> Generator[EpochEnded | Checkpointed, None, Fitted]:
    """Train `network` in place, one event an epoch, and leave the best weights in it.

    `unit` is the size of one unit of the scaled target in the table's unit, for what is reported.
    `should_finish` is asked after every step: it must answer at once.
    `resume` is the state of an earlier Checkpointed event: training goes on as if never interrupted.
    Raises ExperimentError where the loss is not finite before any epoch was good.
    """
    training = _Training(network, train, recipe=recipe, epochs=epochs, task=task, generator=generator)
    if resume is not None:
        training.restore(resume)
    began = time.perf_counter() - training.seconds
    checkpointed = time.perf_counter()
    stopped = f"All {epochs} epochs were trained."
    while training.epoch < epochs:
        train_loss = training.train_epoch(should_finish)
        if train_loss is None:
            stopped = _finished(training)
            break
        if not math.isfinite(train_loss):
            stopped = _diverged(training)
            break
        with training.averaged():
            valid_loss, valid_error = _evaluate(network, valid, task)
            training.remember(valid_loss)
        training.seconds = time.perf_counter() - began
        yield EpochEnded(
            epoch=training.epoch,
            epochs=epochs,
            train_loss=train_loss * unit,
            valid_loss=valid_loss * unit,
            valid_error=valid_error * unit,
            learning_rate=training.learning_rate,
            seconds=training.seconds,
            best_epoch=training.best_epoch,
        )
        if should_finish():
            stopped = _finished(training)
            break
        if recipe.patience is not None and training.epoch - training.best_epoch >= recipe.patience:
            stopped = f"No better validation loss for {recipe.patience} epochs."
            break
        if time.perf_counter() - checkpointed > CHECKPOINT_SECONDS:
            yield Checkpointed(epoch=training.epoch, state=training.state())
            checkpointed = time.perf_counter()
    training.load_best()
    return Fitted(
        epochs=training.epoch, best_epoch=training.best_epoch, seconds=training.seconds, stopped=stopped
    )


def predict(network: nn.Module, x: Tensor) -> Tensor:
    """Outputs (n,) for inputs (n, n_inputs), without gradients, in evaluation mode."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(part) for part in x.split(EVALUATION_ROWS)])


class _Training:
    """What changes while training: weights, optimiser, schedule, random numbers, the best so far."""

    def __init__(
        self,
        network: nn.Module,
        train: Rows,
        *,
        recipe: Recipe,
        epochs: int,
        task: Task,
        generator: torch.Generator,
    ) -> None:
        self.network, self.train, self.recipe, self.task = network, train, recipe, task
        self.generator = generator
        self.batch_size = recipe.batch_size_for(len(train))
        self.parameters = [p for p in network.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            self.parameters,
            lr=recipe.learning_rate,
            betas=recipe.adam_betas,
            eps=recipe.adam_epsilon,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self.schedule = _schedule(
            self.optimiser, recipe, steps=epochs * math.ceil(len(train) / self.batch_size)
        )
        # Batch norm's running statistics belong to the weights, so they are averaged with them.
        statistics = [buffer for buffer in network.buffers() if buffer.is_floating_point()]
        self.weights: list[Tensor] = [*self.parameters, *statistics]
        self.average = [w.detach().clone() for w in self.weights] if recipe.averaging else []
        self.steps = 0
        self.epoch = 0
        self.seconds = 0.0
        self.best_epoch = 0
        self.best_loss = math.inf
        self.best_weights: dict[str, Tensor] = {}

    @property
    def learning_rate(self) -> float:
        return float(self.optimiser.param_groups[0]["lr"])

    def train_epoch(self, should_finish: Callable[[], bool]) -> float | None:
        """One pass in a new order -> mean loss of the rows; None where a request cut it short.

        The first epoch is always trained to its end, so that there is something to keep.
        """
        self.network.train()
        order = torch.randperm(len(self.train), generator=self.generator).to(self.train.x.device)
        batches = order.split(self.batch_size)
        if len(batches) > 1 and len(batches[-1]) == 1:
            batches = batches[:-1]  # batch norm has no spread to divide by in a batch of one row
        total = torch.zeros((), device=self.train.x.device)
        for batch in batches:
            if self.best_weights and should_finish():
                return None
            loss = _loss(self.network(self.train.x[batch]), self.train.y[batch], self.task)
            self.optimiser.zero_grad()
            loss.backward()
            if self.recipe.clip is not None:
                nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
            self.optimiser.step()
            self._after_step()
            total += loss.detach() * len(batch)
        self.epoch += 1
        return float(total) / sum(map(len, batches))

    def averaged(self) -> "_Averaged":
        """Within this context the network holds the running mean of its weights."""
        return _Averaged(self.weights, self.average)

    def remember(self, valid_loss: float) -> None:
        """Keep the weights if they are the best, and let the plateau schedule see the loss."""
        if valid_loss < self.best_loss:
            self.best_loss, self.best_epoch = valid_loss, self.epoch
            self.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
        if isinstance(self.schedule, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.schedule.step(valid_loss)

    def load_best(self) -> None:
        if self.best_weights:
            self.network.load_state_dict(self.best_weights)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on: tensors, numbers and texts."""
        return copy.deepcopy(
            {
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": {k: v for k, v in self.schedule.state_dict().items() if not callable(v)},
                "average": self.average,
                "order": self.generator.get_state(),
                "dropout": _dropout_state(self.train.x.device),
                "best_weights": self.best_weights,
                "numbers": {name: getattr(self, name) for name in _NUMBERS},
            }
        )

    def restore(self, state: Mapping[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(dict(state["schedule"]))
        self.average = [value.to(self.train.x.device) for value in state["average"]]
        self.generator.set_state(state["order"])
        _set_dropout_state(self.train.x.device, state["dropout"])
        self.best_weights = dict(state["best_weights"])
        for name in _NUMBERS:
            setattr(self, name, state["numbers"][name])

    def _after_step(self) -> None:
        self.steps += 1
        if isinstance(self.schedule, torch.optim.lr_scheduler.LambdaLR):
            self.schedule.step()
        if self.average:
            # A young mean follows quickly, so that short runs do not drag their random start along.
            keep = min(self.recipe.averaging, self.steps / (self.steps + 9))
            torch._foreach_lerp_(self.average, [w.detach() for w in self.weights], 1 - keep)


_NUMBERS = ("steps", "epoch", "seconds", "best_epoch", "best_loss")


class _Averaged:
    """Swaps the running mean into the network on entry and the weights back on exit."""

    def __init__(self, weights: list[Tensor], average: list[Tensor]) -> None:
        self.weights, self.average = weights, average

    def __enter__(self) -> None:
        if self.average:
            self.set_aside = [w.detach().clone() for w in self.weights]
            with torch.no_grad():
                torch._foreach_copy_(self.weights, self.average)

    def __exit__(self, *_: object) -> None:
        if self.average:
            with torch.no_grad():
                torch._foreach_copy_(self.weights, self.set_aside)


def _dropout_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_dropout_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


def _schedule(
    optimiser: torch.optim.Optimizer, recipe: Recipe, *, steps: int
) -> torch.optim.lr_scheduler.LambdaLR | torch.optim.lr_scheduler.ReduceLROnPlateau:
    if recipe.schedule == "plateau":
        # Keras cuts one epoch earlier than torch at the same patience, and its threshold is absolute.
        return torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimiser,
            factor=recipe.plateau_factor,
            patience=recipe.plateau_patience - 1,
            threshold=recipe.plateau_threshold,
            threshold_mode="abs",
            min_lr=recipe.learning_rate_least,
        )
    if recipe.schedule == "constant":
        return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)
    warm_up = max(1.0, recipe.warm_up * steps)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * step / steps))
    )


def _loss(output: Tensor, actual: Tensor, task: Task) -> Tensor:
    if task == "classification":
        return functional.binary_cross_entropy_with_logits(output, actual)
    return functional.l1_loss(output, actual)


def _evaluate(network: nn.Module, rows: Rows, task: Task) -> tuple[float, float]:
    """Loss and error of held-out rows: MAE for both, or cross-entropy and 1 − balanced accuracy."""
    output = predict(network, rows.x)
    loss = float(_loss(output, rows.y, task))
    if task == "regression":
        return loss, loss
    right = (output > 0) == (rows.y > 0.5)
    recalls = [float(right[rows.y == label].float().mean()) for label in rows.y.unique()]
    return loss, 1 - sum(recalls) / len(recalls)


def _finished(training: _Training) -> str:
    return f"Finished by request after epoch {training.epoch}; the best epoch was kept."


def _diverged(training: _Training) -> str:
    if not training.best_weights:
        raise ExperimentError(
            "The loss was not a finite number in the first epoch; lower the learning rate, scale the inputs "
            "or look for extreme values in the table."
        )
    return (
        f"The loss was not a finite number in epoch {training.epoch}; "
        f"the weights of epoch {training.best_epoch}, the best before it, were kept."
    )
