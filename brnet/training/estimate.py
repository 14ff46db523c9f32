"""How long a training run will take on this machine, from two short measurements."""

import math
import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import torch

from brnet.models.architecture import ARCHITECTURES
from brnet.models.network import Network
from brnet.training.events import EpochEnded
from brnet.training.experiment import Experiment
from brnet.training.loop import Rows, fit
from brnet.training.recipe import RECIPES

PROBE_WIDTH, PROBE_INPUTS, PROBE_STEPS, PROBES = 8, 16, 12, 4
GEMM_SIDE = 512
GEMM_SHARE = 0.5  # of the large-matrix rate, reached by the narrower layers of a network (measured, 2 cores)
EPOCHS_OF_PATIENCE = 300  # epochs that recipes with early stopping are taken to need


def estimate_seconds(experiment: Experiment, *, n_train: int, n_parameters: int) -> float:
    """Wall seconds of fitting the network on this machine's CPU, baselines not counted.

    A step costs what its modules cost when they are tiny, plus 6 floating-point operations a parameter
    and row at the measured rate of matrix products.
    """
    recipe = RECIPES[experiment.recipe]
    batch = recipe.batch_size_for(n_train)
    epochs = experiment.epochs or recipe.epochs_for(n_train)
    if recipe.patience is not None:
        epochs = min(epochs, EPOCHS_OF_PATIENCE)
    operations = 6.0 * n_parameters * batch
    step = _overhead(experiment.architecture, experiment.recipe) + operations / (_rate() * GEMM_SHARE)
    return epochs * math.ceil(n_train / batch) * step


@cache
def _overhead(architecture: str, recipe_name: str) -> float:
    """Seconds of one optimiser step of the architecture with all widths tiny."""
    recipe = RECIPES[recipe_name]
    tiny = recipe.applied_to(
        ARCHITECTURES[architecture].with_widths([PROBE_WIDTH] * len(ARCHITECTURES[architecture].blocks))
    )
    generator = torch.Generator().manual_seed(0)
    n = recipe.batch_size * PROBE_STEPS
    rows = Rows(x=torch.rand(n, PROBE_INPUTS, generator=generator), y=torch.rand(n, generator=generator))
    network = Network(tiny, PROBE_INPUTS, generator=generator)
    events = fit(network, rows, rows, recipe=recipe, task="regression", epochs=PROBES, generator=generator)
    ends = [0.0, *(event.seconds for event in events if isinstance(event, EpochEnded))]
    # The quickest: the first also warms up, and others may use the machine meanwhile.
    return min(end - begin for begin, end in pairwise(ends)) / PROBE_STEPS


@cache
def _rate() -> float:
    """Floating-point operations a second of a large float32 matrix product."""
    a = torch.rand(GEMM_SIDE, GEMM_SIDE)
    return 2 * GEMM_SIDE**3 / min(_seconds(lambda: a @ a) for _ in range(PROBES))


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
