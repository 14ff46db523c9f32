"""A predictor as two open files: model.safetensors (arrays) and model.json (everything else)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from brnet.disk import write_whole
from brnet.errors import BrnetError, NotFoundError
from brnet.materials.inputs.features import FEATURES
from brnet.materials.inputs.own import Encoding
from brnet.materials.properties import Quantity
from brnet.materials.reading import Task
from brnet.models.architecture import Architecture
from brnet.models.network import Network
from brnet.models.predictor import Predictor
from brnet.models.scaling import InputScaling, TargetScaling

FORMAT = 1
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
LEARNED = "learned"


class _Description(BaseModel):
    """What model.json holds."""

    model_config = ConfigDict(frozen=True)

    format: int
    features: tuple[str, ...]
    quantity: Quantity
    task: Task
    classes: tuple[str, ...]
    architecture: Architecture
    n_inputs: int
    target: TargetScaling
    interval: float | None
    seen: dict[str, int]
    own: Encoding = Encoding()


def save_predictor(predictor: Predictor, folder: Path) -> None:
    """Write both files, each to a temporary name first, so that a reader never sees half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"network.{name}": value.cpu().numpy() for name, value in predictor.network.state_dict().items()
    }
    if len(predictor.learned):
        arrays[LEARNED] = predictor.learned
    if predictor.inputs is not None:
        arrays |= {f"inputs.{field}": np.asarray(value) for field, value in vars(predictor.inputs).items()}
    description = _Description(
        format=FORMAT,
        features=predictor.features,
        quantity=predictor.quantity,
        task=predictor.task,
        classes=predictor.classes,
        architecture=predictor.network.architecture,
        n_inputs=predictor.network.n_inputs,
        target=predictor.target,
        interval=predictor.interval,
        seen=dict(predictor.seen),
        own=predictor.own,
    )
    write_whole(folder / WEIGHTS, save({name: np.ascontiguousarray(value) for name, value in arrays.items()}))
    write_whole(folder / DESCRIPTION, description.model_dump_json(indent=1).encode())


def load_predictor(folder: Path) -> Predictor:
    """The predictor of a folder, in evaluation mode. Raises NotFoundError or BrnetError."""
    if not (folder / DESCRIPTION).is_file() or not (folder / WEIGHTS).is_file():
        raise NotFoundError(f"There is no model in {folder}: {DESCRIPTION} or {WEIGHTS} is missing.")
    try:
        description = _Description.model_validate_json((folder / DESCRIPTION).read_bytes())
        arrays = load_file(folder / WEIGHTS)
    except (ValidationError, SafetensorError, json.JSONDecodeError) as error:
        raise BrnetError(f"The model in {folder} cannot be read; copy it again or retrain it.") from error
    if description.format != FORMAT:
        raise BrnetError(
            f"The model in {folder} has format {description.format}, this version reads {FORMAT}; retrain it."
        )
    network = Network(description.architecture, description.n_inputs)
    try:
        network.load_state_dict(_tensors(_under("network.", arrays)))
    except RuntimeError as error:  # other names or shapes
        raise BrnetError(
            f"In {folder}, {WEIGHTS} is not that of {DESCRIPTION}; copy both again or retrain the model."
        ) from error
    unknown = [name for name in description.features if name not in FEATURES]
    if unknown:
        raise BrnetError(f"The model in {folder} needs features {unknown[0]!r}, not known here; retrain it.")
    network.eval()
    inputs = _under("inputs.", arrays)
    return Predictor(
        features=description.features,
        quantity=description.quantity,
        task=description.task,
        classes=description.classes,
        network=network,
        inputs=InputScaling(**inputs) if inputs else None,
        target=description.target,
        interval=description.interval,
        seen=description.seen,
        own=description.own,
        learned=arrays.get(LEARNED, np.empty(0, dtype=np.uint64)),
    )


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    import torch

    return {name: torch.from_numpy(value) for name, value in arrays.items()}
