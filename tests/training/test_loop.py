"""The loop: it learns, repeats itself, resumes exactly, stops when told and when it should."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from brnet.errors import ExperimentError
from brnet.models.architecture import ARCHITECTURES
from brnet.models.network import Network
from brnet.training import loop
from brnet.training.events import Checkpointed, EpochEnded
from brnet.training.loop import Fitted, Rows, fit, predict
from brnet.training.recipe import RECIPES, Recipe

N_INPUTS = 6
FAST = RECIPES["fast"]
REFERENCE = RECIPES["reference"]


def rows(n: int, *, seed: int = 0) -> Rows:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, N_INPUTS, generator=generator)
    return Rows(x=x, y=x[:, 0] * x[:, 1] + x[:, 2].sin())


def network(seed: int = 0, *, recipe: Recipe = FAST, name: str = "BRNet") -> Network:
    small = ARCHITECTURES[name].with_widths([16, 8, 8, 4, 4, 2])
    return Network(recipe.applied_to(small), N_INPUTS, generator=torch.Generator().manual_seed(seed))


def run(
    net: Network, *, recipe: Recipe = FAST, epochs: int = 12, seed: int = 0, n: int = 96, **options
) -> Iterator[EpochEnded | Checkpointed]:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    task = options.pop("task", "regression")
    valid = options.pop("valid", rows(40, seed=1))
    return fit(net, rows(n), valid, recipe=recipe, task=task, epochs=epochs, generator=generator, **options)


def outcome(generator: Iterator, heard: list | None = None) -> tuple[list[EpochEnded | Checkpointed], Fitted]:
    """What a run says, also as it says it, and how it ended."""
    events = [] if heard is None else heard
    while True:
        try:
            events.append(next(generator))
        except StopIteration as stop:
            return events, stop.value


def losses(events: list) -> list[float]:
    return [event.train_loss for event in events if isinstance(event, EpochEnded)]


@pytest.mark.parametrize("name", ["BRNet", "IRNet-17", "SRNet-17"])
def test_forty_rows_can_be_learned_by_heart(name: str) -> None:
    net = Network(
        replace(ARCHITECTURES[name].with_widths([64, 32, 16, 16, 8, 8]), activation="silu"),
        N_INPUTS,
        generator=torch.Generator().manual_seed(0),
    )
    table = rows(40)
    recipe = replace(FAST, dropout=0.0)
    outcome(fit(net, table, table, recipe=recipe, task="regression", epochs=400, generator=torch.Generator()))
    error = float((predict(net, table.x) - table.y).abs().mean())
    assert error < 0.1 * float((table.y - table.y.median()).abs().mean())


def test_the_same_seed_gives_the_same_curve() -> None:
    first, _ = outcome(run(network()))
    again, _ = outcome(run(network()))
    other, _ = outcome(run(network(1), seed=1))
    assert losses(first) == losses(again)
    assert losses(first) != losses(other)


@pytest.mark.parametrize("recipe", [FAST, REFERENCE, RECIPES["ibrnet"]], ids=lambda recipe: recipe.name)
def test_a_resumed_run_goes_on_as_if_never_interrupted(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    whole, end = outcome(run(network(recipe=recipe), recipe=recipe))
    checkpoint = next(event for event in whole if isinstance(event, Checkpointed) and event.epoch == 5)
    net = network(99, recipe=recipe)
    rest, end_again = outcome(run(net, recipe=recipe, seed=99, resume=checkpoint.state))
    assert losses(rest) == losses(whole)[5:]
    assert (end_again.epochs, end_again.best_epoch) == (end.epochs, end.best_epoch)


def test_the_best_weights_are_left_in_the_network() -> None:
    net = network()
    valid = rows(40, seed=1)
    events, fitted = outcome(run(net, valid=valid))
    best = min((e for e in events if isinstance(e, EpochEnded)), key=lambda e: e.valid_loss)
    assert fitted.best_epoch == best.epoch
    assert float((predict(net, valid.x) - valid.y).abs().mean()) == pytest.approx(best.valid_loss, rel=1e-5)


def test_a_request_ends_training_and_keeps_the_best() -> None:
    heard: list[EpochEnded | Checkpointed] = []
    asked = run(network(), should_finish=lambda: bool(heard) and heard[-1].epoch == 3)
    fitted = outcome(asked, heard)[1]
    assert len(heard) == 3
    assert fitted.stopped == "Finished by request after epoch 3; the best epoch was kept."


def test_a_request_amid_a_long_epoch_is_heard_at_the_next_step() -> None:
    asked = itertools.count()
    events, fitted = outcome(run(network(), should_finish=lambda: next(asked) > 4))
    # 96 rows in batches of 32: three steps an epoch, asked before each of them and after each epoch.
    assert len(losses(events)) == fitted.epochs == 2
    assert fitted.best_epoch in (1, 2)


def test_early_stopping_waits_for_its_patience() -> None:
    recipe = replace(REFERENCE, patience=3, learning_rate=0.0)
    events, fitted = outcome(run(network(recipe=recipe), recipe=recipe, epochs=50))
    assert len(losses(events)) == 4
    assert fitted.best_epoch == 1
    assert fitted.stopped == "No better validation loss for 3 epochs."


def test_the_plateau_cuts_when_keras_would() -> None:
    # Keras: wait counts epochs without a gain of 1e-4 and cuts when it reaches the patience.
    # With a constant loss, the first epoch is the best, and patience 4 cuts at the end of epoch 5.
    recipe = replace(RECIPES["ibrnet"], plateau_patience=4, patience=None, learning_rate_least=0.0)
    recipe = replace(recipe, learning_rate=1e-30)
    events, _ = outcome(run(network(recipe=recipe), recipe=recipe, epochs=10))
    rates = [event.learning_rate for event in events if isinstance(event, EpochEnded)]
    assert rates[:4] == [1e-30] * 4
    assert rates[4:8] == pytest.approx([1e-31] * 4)
    assert rates[8:] == pytest.approx([1e-32] * 2)


def test_warm_up_rises_and_cosine_falls_to_nothing() -> None:
    events, _ = outcome(run(network(), epochs=40))
    rates = [event.learning_rate for event in events if isinstance(event, EpochEnded)]
    peak = rates.index(max(rates))
    assert peak <= 3
    assert all(a > b for a, b in itertools.pairwise(rates[peak:]))
    assert rates[-1] < 0.01 * FAST.learning_rate


def test_a_loss_that_is_not_finite_at_once_is_an_error_in_words() -> None:
    table = Rows(x=torch.full((40, N_INPUTS), 1e38), y=torch.ones(40))
    recipe = replace(REFERENCE, learning_rate=1e3)
    with pytest.raises(ExperimentError, match="not a finite number in the first epoch"):
        outcome(
            fit(
                network(recipe=recipe),
                table,
                table,
                recipe=recipe,
                task="regression",
                epochs=5,
                generator=torch.Generator(),
            )
        )


def test_classes_are_learned_by_cross_entropy() -> None:
    table = rows(200)
    labels = Rows(x=table.x, y=(table.x[:, 0] > 0).float())
    net = network()
    events, _ = outcome(
        fit(net, labels, labels, recipe=FAST, task="classification", epochs=60, generator=torch.Generator())
    )
    last = events[-1]
    assert isinstance(last, EpochEnded)
    assert last.valid_loss < math.log(2) / 2
    assert last.valid_error < 0.05


def test_a_last_batch_of_one_row_does_not_stop_batch_norm() -> None:
    recipe = replace(FAST, batch_size=32, batch_size_most=None)
    events, _ = outcome(run(network(name="plain-17"), recipe=recipe, n=65, epochs=2))
    assert all(map(math.isfinite, losses(events)))
