"""Widths from a parameter budget: the same network, narrower or wider, near a wanted count."""

from dataclasses import dataclass
from itertools import groupby

from brnet.errors import BudgetError
from brnet.models.architecture import Architecture, count_parameters

TOLERANCE = 0.01  # share of the wanted count; a coarser step of widths is kept when it comes this near
STEPS = (8, 4, 2, 1)  # units; multiples of 8 where they come near enough, as the published widths are


@dataclass(frozen=True, kw_only=True)
class Sized:
    """An architecture with the widths that a budget gave it."""

    architecture: Architecture
    n_inputs: int
    wanted: int | None
    n_parameters: int

    @property
    def relative_error(self) -> float:
        """(count − wanted) / wanted; 0 where nothing was wanted."""
        return self.n_parameters / self.wanted - 1 if self.wanted else 0.0


def size(architecture: Architecture, *, n_inputs: int, parameters: int | None) -> Sized:
    """The architecture with about so many parameters; None keeps the published widths.

    One scale for all widths, rounded to multiples of 8 (finer where 8 is too coarse), then single widths
    moved by a step until the count is within 1 %. Under some 50,000 parameters the steps can be too coarse
    for that; `relative_error` says how near it came. Blocks of one width keep one width, and no block is
    wider than the one before it. Raises BudgetError when even widths of 1 are too many.
    """
    if parameters is None:
        return _sized(architecture, n_inputs, None)
    minimum = smallest(architecture, n_inputs=n_inputs)
    if parameters < minimum:
        raise BudgetError(
            f"{parameters:,} parameters are too few for {architecture.label} at {n_inputs} inputs; "
            f"ask for at least {minimum:,}."
        )
    candidates = []
    for step in STEPS:
        candidates.append(_sized(_fitted(architecture, n_inputs, parameters, step), n_inputs, parameters))
        if abs(candidates[-1].relative_error) <= TOLERANCE:
            return candidates[-1]
    return min(candidates, key=lambda sized: abs(sized.relative_error))


def smallest(architecture: Architecture, *, n_inputs: int) -> int:
    """Parameters of the architecture when every layer is one unit wide."""
    return count_parameters(architecture.with_widths([1] * len(architecture.blocks)), n_inputs=n_inputs)


def _sized(architecture: Architecture, n_inputs: int, wanted: int | None) -> Sized:
    n_parameters = count_parameters(architecture, n_inputs=n_inputs)
    return Sized(architecture=architecture, n_inputs=n_inputs, wanted=wanted, n_parameters=n_parameters)


def _fitted(architecture: Architecture, n_inputs: int, wanted: int, step: int) -> Architecture:
    def error(scaled: Architecture) -> int:
        return abs(count_parameters(scaled, n_inputs=n_inputs) - wanted)

    best = min(_bracket(architecture, n_inputs, wanted, step), key=error)
    while error(best) > TOLERANCE * wanted:
        nearest = min(_neighbours(best, architecture, step), key=error)
        if error(nearest) >= error(best):
            break
        best = nearest
    return best


def _bracket(
    architecture: Architecture, n_inputs: int, wanted: int, step: int
) -> tuple[Architecture, Architecture]:
    """Two scales of the architecture next to each other, one below the wanted count and one not."""

    def too_small(scale: float) -> bool:
        return count_parameters(_scaled(architecture, scale, step), n_inputs=n_inputs) < wanted

    low, high = 0.0, 1.0
    while too_small(high):
        low, high = high, 2 * high
    while (high - low) * max(architecture.widths) > step / 16:
        middle = (low + high) / 2
        low, high = (middle, high) if too_small(middle) else (low, middle)
    return _scaled(architecture, low, step), _scaled(architecture, high, step)


def _scaled(architecture: Architecture, scale: float, step: int) -> Architecture:
    return architecture.with_widths(
        [max(step, round(width * scale / step) * step) for width in architecture.widths]
    )


def _neighbours(scaled: Architecture, published: Architecture, step: int) -> list[Architecture]:
    """The architecture with one width a step up or down, where the order of widths allows it."""
    groups = [list(blocks) for _, blocks in groupby(range(len(scaled.blocks)), lambda i: published.widths[i])]
    moves = []
    for group in groups:
        for change in (-step, step):
            widths = list(scaled.widths)
            for block in group:
                widths[block] += change
            if min(widths) >= step and widths == sorted(widths, reverse=True):
                moves.append(scaled.with_widths(widths))
    return moves
