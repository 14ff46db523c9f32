"""Whether a formula lies inside what a model has learned from."""

from collections.abc import Mapping

from brnet.materials.formulas.formula import Composition

FEW = 10  # training rows with an element, under which its values are little more than a guess


def caution(composition: Composition, seen: Mapping[str, int]) -> str:
    """A sentence on elements that the model has met never or seldom; empty where there are none.

    `seen` counts the training rows that hold each element.
    """
    never = [element for element in composition.elements if not seen.get(element)]
    if never:
        return f"The model has never seen {_listed(never)}."
    seldom = [element for element in composition.elements if seen[element] < FEW]
    if seldom:
        counts = _listed([f"{element} ({seen[element]} rows)" for element in seldom])
        return f"The model has hardly seen {counts}."
    return ""


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
