"""Recipes: the papers' numbers, and how the fast one follows the table's size."""

import pytest

from brnet.models.architecture import ARCHITECTURES
from brnet.training.recipe import RECIPES


def test_the_reference_recipe_is_that_of_the_papers_code() -> None:
    recipe = RECIPES["reference"]
    assert (recipe.batch_size, recipe.epochs, recipe.learning_rate, recipe.patience) == (32, 3000, 1e-4, 100)
    assert (recipe.adam_epsilon, recipe.schedule, recipe.clip, recipe.scaled) == (
        1e-7,
        "constant",
        None,
        False,
    )


def test_ibrnet_cuts_the_rate_on_a_plateau() -> None:
    recipe = RECIPES["ibrnet"]
    assert (recipe.schedule, recipe.plateau_factor, recipe.plateau_patience) == ("plateau", 0.1, 45)
    assert (recipe.learning_rate_least, recipe.patience) == (1e-8, 50)


@pytest.mark.parametrize(
    ("n_train", "batch", "epochs"), [(60, 32, 400), (3683, 128, 207), (11_000, 512, 273), (100_000, 512, 31)]
)
def test_fast_batches_and_epochs_follow_the_rows(n_train: int, batch: int, epochs: int) -> None:
    recipe = RECIPES["fast"]
    assert (recipe.batch_size_for(n_train), recipe.epochs_for(n_train)) == (batch, epochs)


def test_a_recipe_may_replace_activation_and_dropout() -> None:
    architecture = RECIPES["fast"].applied_to(ARCHITECTURES["BRNet"])
    assert architecture.activation == "silu"
    assert [block.dropout for block in architecture.blocks] == [0.05, 0.05, 0.05, 0.0, 0.0, 0.0]
    assert RECIPES["reference"].applied_to(ARCHITECTURES["BRNet"]) == ARCHITECTURES["BRNet"]
