"""The quantities that models predict: label, unit and the bounds that physics sets."""

import math
import re
from pathlib import PurePath
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator


class Quantity(BaseModel):
    """What a column of values means.

    `log10` says that the table holds the decimal logarithm of the quantity: the network learns the
    logarithm, people read the quantity in `unit`.
    """

    # A copy made with `model_copy` is checked when it becomes part of an experiment or a model.
    model_config = ConfigDict(frozen=True, revalidate_instances="always")

    label: str
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    log10: bool = False

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        for bound in (self.lower, self.upper):
            if bound is not None and not math.isfinite(bound):
                raise ValueError(f"The bound {bound} of {self.label!r} is not finite; leave it out.")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(
                f"The lower bound {self.lower:g} of {self.label!r} is not below the upper one, "
                f"{self.upper:g}; exchange them or leave one out."
            )
        return self

    def shown(self, values: np.ndarray) -> np.ndarray:
        """Values as the table holds them -> values in `unit`, kept inside the physical bounds. Any shape."""
        return self._clipped(np.power(10.0, values)) if self.log10 else self._clipped(values)

    def bounded(self, values: np.ndarray) -> np.ndarray:
        """Values as the table holds them, kept inside the physical bounds. Any shape."""
        return np.asarray(values, dtype=float) if self.log10 else self._clipped(values)

    def allows(self, values: np.ndarray) -> np.ndarray:
        """Whether each value as the table holds it lies inside the physical bounds. Any shape."""
        return self.bounded(values) == values

    def _clipped(self, values: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(values, dtype=float), self.lower, self.upper)

    @property
    def axis(self) -> str:
        """The quantity as an axis title: 'band gap (eV)'."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


BAND_GAP = Quantity(label="band gap", unit="eV", lower=0.0)
BULK_MODULUS = Quantity(label="bulk modulus", unit="GPa", lower=0.0)
SHEAR_MODULUS = Quantity(label="shear modulus", unit="GPa", lower=0.0)

# Words of a column or file name -> the quantity they announce, most particular first. Each begins a word.
PROPERTIES: dict[str, Quantity] = {
    r"bulk.?mod|k_?vrh": BULK_MODULUS,
    r"shear.?mod|g_?vrh": SHEAR_MODULUS,
    r"band.?gap|e?_?gap(?![a-z])": BAND_GAP,
    r"formation.?enthalpy": Quantity(label="formation enthalpy", unit="kJ/mol"),
    r"e_?form(?!ula)|formation.?energy|ssub|delta_?e(?![a-z])": Quantity(
        label="formation energy", unit="eV/atom"
    ),
    r"debye": Quantity(label="Debye temperature", unit="K", lower=0.0),
    r"thermal.?conduct": Quantity(label="thermal conductivity", unit="W/m/K", lower=0.0),
    r"tc(?![a-z])|critical.?temp|(?<!is_)supercon": Quantity(
        label="critical temperature", unit="K", lower=0.0
    ),
    r"mu_?b(?![a-z])|magneti[sz]ation|magnetic.?moment": Quantity(label="magnetisation", unit="μB"),
    r"steels?$|yield.?(strength|stress)": Quantity(label="yield strength", unit="MPa", lower=0.0),
    r"matbench_dielectric|refractive": Quantity(label="refractive index", lower=1.0),
    r"is_?metal": Quantity(label="metal"),
    r"glass(.?former)?$": Quantity(label="glass former"),
}

SAYS_NOTHING = re.compile(r"^((target|value|y|label|property|class|result|output)s?( \(\d+\))?)?$")
"""Headers, in lower case, that leave it to the table's name to say what is in the column."""

_LOG = re.compile(r"(?<![a-z])log(_?10|(?![a-z]))[\s_-]*", re.IGNORECASE)
_INSIDE = r"(?:[^()\[\]]|[(\[][^()\[\]]*[)\]])+"
_BRACKETED = re.compile(rf"^\s*[(\[]({_INSIDE})[)\]]")
_HEADER_UNIT = re.compile(rf"^(?P<label>.*?)\s*[(\[](?!\d+[)\]])(?P<unit>{_INSIDE})[)\]]\s*$")


def guess_quantity(column: str, *, table_name: str = "") -> Quantity:
    """The quantity that a column's header announces, or the table's name where the header says nothing.

    A unit in brackets ('gap (eV)') always counts; one that is not the known unit takes the bounds away.
    """
    words, is_log = _without_log(column)
    label, unit = _parted(words)
    if SAYS_NOTHING.match(label.lower()):
        table_words, table_is_log = _without_log(PurePath(table_name).stem)
        known, is_log = _known(table_words), is_log or table_is_log
    else:
        known = _known(label)
    guess = known or Quantity(label=label or "value")
    if unit and unit != guess.unit:
        guess = guess.model_copy(update={"unit": unit, "lower": None, "upper": None})
    return guess.model_copy(update={"log10": True, "lower": None, "upper": None}) if is_log else guess


def is_known(column: str) -> bool:
    """Whether a header names one of the quantities that are known here."""
    return _known(_parted(_without_log(column)[0])[0]) is not None


def _without_log(words: str) -> tuple[str, bool]:
    """'log10(K_VRH) (GPa)' -> 'K_VRH (GPa)' and True; words without a logarithm as they are."""
    rest, n_logs = _LOG.subn("", words)
    return (_BRACKETED.sub(r"\1", rest).strip(" _-"), True) if n_logs else (words, False)


def _parted(words: str) -> tuple[str, str]:
    """'gap (eV)' -> 'gap' and 'eV'."""
    header = _HEADER_UNIT.match(words)
    if header is None:
        return words.strip(), ""
    return header["label"].strip(), _BRACKETED.sub(r"\1", header["unit"]).strip()


def _known(words: str) -> Quantity | None:
    lowered = words.lower()
    return next(
        (
            quantity
            for pattern, quantity in PROPERTIES.items()
            if re.search(rf"(?<![a-z])(?:{pattern})", lowered)
        ),
        None,
    )
