"""Model files: open, whole, and refused in a sentence where they are not."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from brnet.errors import BrnetError, NotFoundError
from brnet.materials.formulas.formula import read_formula
from brnet.materials.properties import BAND_GAP
from brnet.models.architecture import ARCHITECTURES
from brnet.models.files import load_predictor, save_predictor
from brnet.models.network import Network
from brnet.models.predictor import Predictor
from brnet.models.scaling import InputScaling, TargetScaling


def predictor(name: str = "IRNet-17", **changes) -> Predictor:
    small = ARCHITECTURES[name].with_widths([8, 8, 4, 4, 4, 2])
    network = Network(small, 86, generator=torch.Generator().manual_seed(0)).eval()
    scaling = InputScaling(centre=np.zeros(86, np.float32), spread=np.ones(86, np.float32))
    options = {
        "features": ("ef",),
        "quantity": BAND_GAP,
        "task": "regression",
        "classes": (),
        "network": network,
        "inputs": scaling,
        "target": TargetScaling(centre=1.0, scale=2.0),
        "interval": 0.5,
        "seen": {"Ga": 12},
    }
    return Predictor(**(options | changes))


@pytest.mark.parametrize("name", ["BRNet", "IRNet-17", "SRNet-17", "plain-17", "ElemNet"])
def test_a_round_trip_changes_no_answer(name: str, tmp_path: Path) -> None:
    before = predictor(name)
    save_predictor(before, tmp_path)
    after = load_predictor(tmp_path)
    asked = [read_formula(text) for text in ("GaAs", "Fe2O3")]
    np.testing.assert_array_equal(before.predict(asked).values, after.predict(asked).values)
    assert (after.quantity, after.target, after.interval) == (before.quantity, before.target, before.interval)
    assert after.network.architecture == before.network.architecture


def test_unscaled_inputs_survive_a_round_trip(tmp_path: Path) -> None:
    save_predictor(predictor(inputs=None), tmp_path)
    assert load_predictor(tmp_path).inputs is None


def test_intervals_stay_inside_physics() -> None:
    prediction = predictor(interval=100.0).predict([read_formula("GaAs")])
    assert prediction.low[0] == 0.0
    assert prediction.high[0] > 0.0


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no model in"):
        load_predictor(tmp_path)


@pytest.mark.parametrize("file", ["model.json", "model.safetensors"])
def test_a_truncated_file_is_refused(file: str, tmp_path: Path) -> None:
    save_predictor(predictor(), tmp_path)
    whole = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BrnetError, match="cannot be read; copy it again or retrain it"):
        load_predictor(tmp_path)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_predictor(predictor("BRNet"), tmp_path)
    weights = (tmp_path / "model.safetensors").read_bytes()
    save_predictor(predictor("IRNet-17"), tmp_path)
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(BrnetError, match="model.safetensors is not that of model.json"):
        load_predictor(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    save_predictor(predictor(), tmp_path)
    description = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(description | {"format": 99}))
    with pytest.raises(BrnetError, match="has format 99, this version reads 1; retrain it"):
        load_predictor(tmp_path)
