"""The quantities that models predict: label, unit and the bounds that physics sets."""

import re

import numpy as np
from pydantic import BaseModel, ConfigDict


class Quantity(BaseModel):
    """What a column of values means.

    `log10` says that the table holds the decimal logarithm of the quantity: the network learns the
    logarithm, people read the quantity in `unit`.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    log10: bool = False

    def shown(self, values: np.ndarray) -> np.ndarray:
        """Values as the table holds them -> values in `unit`, kept inside the physical bounds. Any shape."""
        return self._clipped(np.power(10.0, values)) if self.log10 else self._clipped(values)

    def bounded(self, values: np.ndarray) -> np.ndarray:
        """Values as the table holds them, kept inside the physical bounds. Any shape."""
        return np.asarray(values, dtype=float) if self.log10 else self._clipped(values)

    def _clipped(self, values: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(values, dtype=float), self.lower, self.upper)

    @property
    def axis(self) -> str:
        """The quantity as an axis title: 'band gap (eV)'."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


BAND_GAP = Quantity(label="band gap", unit="eV", lower=0.0)
BULK_MODULUS = Quantity(label="bulk modulus", unit="GPa", lower=0.0)
SHEAR_MODULUS = Quantity(label="shear modulus", unit="GPa", lower=0.0)

# Words of a column or file name -> the quantity they announce, most particular first.
PROPERTIES: dict[str, Quantity] = {
    r"log.*(k_?vrh|bulk)": BULK_MODULUS.model_copy(update={"log10": True, "lower": None}),
    r"log.*(g_?vrh|shear)": SHEAR_MODULUS.model_copy(update={"log10": True, "lower": None}),
    r"bulk.*mod|k_?vrh": BULK_MODULUS,
    r"shear.*mod|g_?vrh": SHEAR_MODULUS,
    r"band.?gap|(^|[^a-z])e?gap": BAND_GAP,
    r"formation.?enthalpy": Quantity(label="formation enthalpy", unit="kJ/mol"),
    r"e_?form|formation.?energy|ssub|delta_?e": Quantity(label="formation energy", unit="eV/atom"),
    r"debye": Quantity(label="Debye temperature", unit="K", lower=0.0),
    r"thermal.?conduct": Quantity(label="thermal conductivity", unit="W/m/K", lower=0.0),
    r"(^|[^a-z])tc([^a-z]|$)|supercon": Quantity(label="critical temperature", unit="K", lower=0.0),
    r"mu_?b|magneti": Quantity(label="magnetisation", unit="μB"),
    r"steel|yield": Quantity(label="yield strength", unit="MPa", lower=0.0),
    r"dielectric|refractive": Quantity(label="refractive index", lower=1.0),
    r"is_?metal": Quantity(label="metal"),
    r"glass": Quantity(label="glass former"),
}

_HEADER_UNIT = re.compile(r"^(?P<label>.*?)\s*[\(\[](?P<unit>[^\)\]]+)[\)\]]\s*$")


def guess_quantity(column: str, *, table_name: str = "") -> Quantity:
    """The quantity that a column's header announces, the table's name where the header says nothing.

    A unit in brackets in the header ('gap (eV)') always counts.
    """
    header = _HEADER_UNIT.match(column)
    label, unit = (header["label"], header["unit"]) if header else (column, "")
    known = _known(label) or (_known(table_name) if not header else None)
    if known is None:
        return Quantity(label=label.strip() or "value", unit=unit)
    return known.model_copy(update={"unit": unit}) if unit else known


def _known(words: str) -> Quantity | None:
    lowered = words.lower()
    return next((quantity for pattern, quantity in PROPERTIES.items() if re.search(pattern, lowered)), None)
