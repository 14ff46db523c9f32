"""The models that come with the project: they reproduce recorded answers and respect physics."""

from pathlib import Path

import numpy as np
import pytest

from brnet.materials.formulas.formula import read_formula, read_formulas
from brnet.zoo.shelf import find, load

NAMES = ("mp-band-gap", "mp-formation-energy", "mp-bulk-modulus")


@pytest.mark.parametrize("name", NAMES)
def test_recorded_test_predictions_are_reproduced(home: Path, name: str) -> None:
    report, predictor = find(name).report, load(name)
    rows = slice(0, 200)
    predicted = predictor.predict(read_formulas(report.test_formulas[rows])).values
    recorded = predictor.quantity.shown(np.array(report.network.predictions[rows]))
    np.testing.assert_allclose(predicted, recorded, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("name", NAMES)
def test_scores_on_the_card_are_those_of_the_recorded_predictions(home: Path, name: str) -> None:
    report = find(name).report
    mae = np.abs(np.array(report.network.predictions) - np.array(report.test_values)).mean()
    assert report.network.scores["mae"] == pytest.approx(mae, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "formula", "low", "high"),
    [
        ("mp-band-gap", "NaCl", 4.0, 7.0),  # PBE: about 5 eV
        ("mp-band-gap", "Cu", 0.0, 0.3),
        ("mp-bulk-modulus", "W", 250.0, 360.0),  # measured 310 GPa
        ("mp-bulk-modulus", "NaCl", 15.0, 40.0),  # measured 24 GPa
        ("mp-formation-energy", "MgO", -3.3, -2.7),  # about -3.0 eV/atom
        ("mp-formation-energy", "NaCl", -2.3, -1.7),  # about -2.1 eV/atom
    ],
)
def test_well_known_compounds_come_out_about_right(
    home: Path, name: str, formula: str, low: float, high: float
) -> None:
    value = load(name).predict([read_formula(formula)]).values[0]
    assert low <= value <= high


def test_no_gap_and_no_lower_bound_is_negative(home: Path) -> None:
    metals = ["Fe", "Cu", "NiAl", "FeCo", "Cu3Au", "Pt", "W", "TiNi"]
    prediction = load("mp-band-gap").predict([read_formula(text) for text in metals])
    assert (prediction.values >= 0).all()
    assert (prediction.low >= 0).all()
