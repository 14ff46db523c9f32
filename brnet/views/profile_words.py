"""What a dataset's profile says, in sentences: repeats and their noise floor, zeros, logarithms, families."""

import math
from collections.abc import Sequence

from brnet.materials.families import FAMILIES
from brnet.materials.profile import Chemistry, Group, Profile, Summary
from brnet.materials.properties import Quantity
from brnet.materials.repeats import Repeats
from brnet.views import words

WORTH_NAMING = 0.05  # a smaller share of zeros is not mentioned
FAMILIES_NAMED = 3
MOST_DIGITS = 5  # of a share close to one
FLOAT_NOISE = 1e-9  # in units of the last digit that is shown
MOST_POWER = 300  # a larger power of ten is beyond what a float holds
NO_BREAK = "\u00a0"  # a space at which no line ends


def sentences(profile: Profile, quantity: Quantity, *, classes: Sequence[str] = ()) -> tuple[str, ...]:
    """Everything worth saying of a profile, most important first."""
    chemistry = profile.chemistry
    told = [
        noise_floor(chemistry.repeats, quantity, rows=profile.target.n) if chemistry else "",
        merged(profile),
        values(profile.target, quantity, classes=classes),
        "" if classes else zeros(profile.target, quantity),
        "" if classes else logarithm(profile.target, quantity),
        families(chemistry, rows=profile.target.n) if chemistry else "",
    ]
    return tuple(sentence for sentence in told if sentence)


def noise_floor(repeats: Repeats, quantity: Quantity, *, rows: int) -> str:
    """What repeated compositions say of the best that any model of the composition can do."""
    if not repeats.repeated:
        return "No composition repeats, so the rows do not tell how noisy their values are."
    if repeats.accuracy is not None:
        return _class_floor(repeats, rows=rows)
    share = f"{repeats.conflicting_rows:,} of the {words.count(rows, 'row')}"
    repeat = "repeats" if repeats.conflicting_rows == 1 else "repeat"
    if not repeats.conflicting or repeats.floor is None:
        return f"{_repeating(repeats)} always with the same value."
    unit = words.score_unit(quantity)
    floor = words.with_unit(_at_least(repeats.floor.mae), unit)
    on_repeats = words.with_unit(_at_least(repeats.floor.repeated_mae), unit)
    told = (
        f"{share} {repeat} a composition with other values: no model that sees only the composition can "
        f"have a mean absolute error below {floor} on these rows, {on_repeats} on those that repeat"
    )
    if repeats.floor.r2 is not None and repeats.floor.r2 < 0.99999:
        told += f", or an R² above {_at_most(repeats.floor.r2)}"
    return f"{told}.{_caution(repeats)}"


def merged(profile: Profile) -> str:
    """That repeats were merged, so that their spread cannot be seen any more."""
    if not profile.merged:
        return ""
    was = "was" if profile.merged == 1 else "were"
    return (
        f"{words.count(profile.merged, 'row')} of repeated compositions {was} merged into others or left "
        "out; keep all rows to see how far their values differ."
    )


def values(target: Summary, quantity: Quantity, *, classes: Sequence[str] = ()) -> str:
    """Range, median and middle half of the values, or the share of the second class."""
    if classes:
        name = words.class_name(classes[1], quantity)
        return f"{_percent(target.mean)} of the {words.count(target.n, 'row')} are of the class '{name}'."
    low, first, median, third, high = (
        words.number(in_unit(value, quantity))
        for value in (target.low, target.first_quartile, target.median, target.third_quartile, target.high)
    )
    return (
        f"The values run from {low} to {f'{high} {quantity.unit}'.rstrip()}; the median is {median}, "
        f"the middle half lies between {first} and {third}."
    )


def zeros(target: Summary, quantity: Quantity) -> str:
    """How many values are exactly zero, where they are many."""
    share = target.zeros / target.n
    if quantity.log10 or share < WORTH_NAMING:
        return ""
    return f"{_percent(share)} of the values are exactly zero ({words.count(target.zeros, 'row')})."


def logarithm(target: Summary, quantity: Quantity) -> str:
    """That the logarithm may be the better target, where it may."""
    if quantity.log10 or not target.suggests_log or target.decades is None:
        return ""
    return (
        f"All values are positive and span {target.decades:.1f} decades: their logarithm is spread more "
        "evenly and may be the better target."
    )


def families(chemistry: Chemistry, *, rows: int) -> str:
    """The commonest chemical families."""
    named = [
        f"{_in_a_list(name)} ({_percent(group.rows / rows)})"
        for name, group in list(chemistry.families.items())[:FAMILIES_NAMED]
    ]
    if len(chemistry.families) == 1:
        return f"All rows are of one family: {_in_a_list(next(iter(chemistry.families)))}."
    return f"The commonest chemical families are {', '.join(named[:-1])} and {named[-1]}."


def mean(group: Group, quantity: Quantity, *, classes: Sequence[str] = ()) -> str:
    """'mean 1.23 eV', 'geometric mean 98.1 GPa' of logarithms, '62 % metal' of classes."""
    if classes:
        return f"{_percent(group.mean)} {words.class_name(classes[1], quantity)}"
    if quantity.log10:
        return f"geometric mean {words.with_unit(in_unit(group.mean, quantity), quantity.unit)}"
    return f"mean {words.with_unit(group.mean, quantity.unit)}"


def in_unit(value: float, quantity: Quantity) -> float:
    """A value as the table holds it -> in the quantity's unit."""
    return 10 ** min(max(value, -MOST_POWER), MOST_POWER) if quantity.log10 else value


def _class_floor(repeats: Repeats, *, rows: int) -> str:
    if not repeats.conflicting or repeats.accuracy is None:
        return f"{_repeating(repeats)} always with the same class."
    return (
        f"{repeats.conflicting_rows:,} of the {words.count(rows, 'row')} have a composition that occurs with "
        f"both classes: no model that sees only the composition can have an accuracy above "
        f"{_at_most(repeats.accuracy)} on these rows.{_caution(repeats)}"
    )


def _repeating(repeats: Repeats) -> str:
    if repeats.repeated == 1:
        return "One composition repeats,"
    return f"{words.count(repeats.repeated, 'composition')} repeat,"


def _caution(repeats: Repeats) -> str:
    if not repeats.few:
        return ""
    return f" Only {words.count(repeats.repeated_rows, 'row')} repeat a composition: too few to rely on this."


def _in_a_list(family: str) -> str:
    return FAMILIES[family].label.lower().replace(", ", " and ")


def _at_least(error: float) -> float:
    """A bound from below stays one: rounded down to the digits that are shown."""
    if not 0 < error < math.inf:
        return error
    step = 10.0 ** (math.floor(math.log10(error)) - words.DIGITS + 1)
    return math.floor(error / step + FLOAT_NOISE) * step


def _at_most(share: float, digits: int = 2) -> str:
    """A bound from above stays one: rounded up, with digits enough to tell it from one."""
    raised = math.ceil(share * 10**digits - FLOAT_NOISE) / 10**digits
    return f"{raised:.{digits}f}" if raised < 1 or digits == MOST_DIGITS else _at_most(share, digits + 1)


def _percent(share: float) -> str:
    """'24 %', with digits enough to tell it from all."""
    digits = next((digits for digits in (0, 1, 2) if share == 1 or round(100 * share, digits) < 100), 2)
    return f"{100 * share:.{digits}f}{NO_BREAK}%"
