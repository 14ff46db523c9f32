"""Widths that meet a parameter budget."""

from itertools import combinations_with_replacement

import pytest

from brnet.errors import BudgetError
from brnet.models.architecture import ARCHITECTURES, count_parameters
from brnet.models.budget import size, smallest

BUDGETS = (50_000, 60_001, 200_000, 1_000_000, 3_333_333, 20_000_000)
INPUTS = (1, 86, 145, 231, 300)


@pytest.mark.parametrize("n_inputs", INPUTS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_budget_is_met_within_two_percent(name: str, n_inputs: int) -> None:
    for wanted in BUDGETS:
        sized = size(ARCHITECTURES[name], n_inputs=n_inputs, parameters=wanted)
        assert sized.n_parameters == count_parameters(sized.architecture, n_inputs=n_inputs)
        assert abs(sized.n_parameters - wanted) <= 0.02 * wanted


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("wanted", [1_300, 5_000, *BUDGETS])
def test_a_sized_network_keeps_its_nature(name: str, wanted: int) -> None:
    published = ARCHITECTURES[name]
    sized = size(published, n_inputs=40, parameters=wanted).architecture
    assert min(sized.widths) >= 1
    assert list(sized.widths) == sorted(sized.widths, reverse=True)
    assert sized.with_widths(published.widths) == published
    equal = [i for i in range(1, len(published.widths)) if published.widths[i - 1] == published.widths[i]]
    assert all(sized.widths[i - 1] == sized.widths[i] for i in equal)


@pytest.mark.parametrize("name", ["BRNet", "IRNet-48", "ElemNet"])
@pytest.mark.parametrize("wanted", [200_000, 1_000_000, 20_000_000])
def test_ordinary_budgets_give_multiples_of_eight(name: str, wanted: int) -> None:
    sized = size(ARCHITECTURES[name], n_inputs=231, parameters=wanted)
    assert all(width % 8 == 0 for width in sized.architecture.widths)


def test_the_published_count_gives_nearly_the_published_widths() -> None:
    brnet = ARCHITECTURES["BRNet"]
    sized = size(brnet, n_inputs=86, parameters=4_548_385)
    assert all(abs(a - b) <= 8 for a, b in zip(sized.architecture.widths, brnet.widths, strict=True))


def test_no_budget_keeps_the_published_widths() -> None:
    sized = size(ARCHITECTURES["BRNet"], n_inputs=86, parameters=None)
    assert sized.architecture == ARCHITECTURES["BRNet"]
    assert (sized.n_parameters, sized.wanted, sized.relative_error) == (4_548_385, None, 0.0)


@pytest.mark.parametrize("wanted", [500, 800, 1_000, 1_300, 1_700, 2_100])
def test_a_small_budget_is_nearly_met_as_well_as_any_widths_could_and_shows_its_error(wanted: int) -> None:
    brnet = ARCHITECTURES["BRNet"]
    every = combinations_with_replacement(range(8, 0, -1), 6)
    nearest = min(
        abs(count_parameters(brnet.with_widths(widths), n_inputs=86) / wanted - 1) for widths in every
    )
    sized = size(brnet, n_inputs=86, parameters=wanted)
    assert sized.relative_error == pytest.approx(sized.n_parameters / wanted - 1)
    assert abs(sized.relative_error) <= nearest + 0.06


def test_the_smallest_count_is_itself_a_budget() -> None:
    brnet = ARCHITECTURES["BRNet"]
    minimum = smallest(brnet, n_inputs=86)
    assert size(brnet, n_inputs=86, parameters=minimum).architecture.widths == (1, 1, 1, 1, 1, 1)


def test_a_budget_below_the_smallest_count_is_refused_with_that_count() -> None:
    with pytest.raises(BudgetError) as caught:
        size(ARCHITECTURES["BRNet"], n_inputs=86, parameters=100)
    assert str(caught.value) == "100 parameters are too few for BRNet at 86 inputs; ask for at least 378."


def test_the_same_budget_gives_the_same_widths() -> None:
    first, second = (size(ARCHITECTURES["SRNet-48"], n_inputs=7, parameters=77_777) for _ in range(2))
    assert first == second
