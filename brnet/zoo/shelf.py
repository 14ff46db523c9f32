"""The shelf of trained models: those that come with the project and those that people publish."""

import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from brnet.disk import write_whole
from brnet.errors import BrnetError, NotFoundError
from brnet.materials.properties import Quantity
from brnet.materials.reading import Task
from brnet.models.files import DESCRIPTION, WEIGHTS, load_predictor
from brnet.models.predictor import Predictor
from brnet.settings import PACKAGE, settings
from brnet.training.report import Report
from brnet.zoo.card import card

CARD, REPORT = "card.md", "report.json"
MODEL_FILES = (WEIGHTS, DESCRIPTION, REPORT)
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """One model on the shelf; `pretrained` says that it came with the project and stays."""

    name: str
    title: str
    folder: Path
    pretrained: bool
    report: Report
    card: str

    @property
    def quantity(self) -> Quantity:
        return self.report.experiment.quantity

    @property
    def task(self) -> Task:
        return self.report.experiment.task


def shelf() -> dict[str, Shelved]:
    """Every model by name: the project's own first, then the published, each in alphabetical order."""
    found: dict[str, Shelved] = {}
    for folder, pretrained in ((pretrained_folder(), True), (_published_folder(), False)):
        for place in sorted(folder.glob("*/")):
            if NAME.fullmatch(place.name) and place.name not in found:
                with suppress(OSError, ValidationError):  # one that is broken or half copied hides no other
                    found[place.name] = _shelved(place, pretrained, (place / REPORT).stat().st_mtime_ns)
    return found


def find(name: str) -> Shelved:
    """Raises NotFoundError with the names there are."""
    models = shelf()
    if name not in models:
        known = ", ".join(models) or "none yet; publish a finished run"
        raise NotFoundError(f"There is no model {name!r} on the shelf; there is {known}.")
    return models[name]


def load(name: str) -> Predictor:
    """The predictor of a model on the shelf, or of a folder that `brnet train --out` wrote."""
    folder = Path(name)
    if folder.is_dir() and (folder / DESCRIPTION).is_file():
        return load_predictor(folder)
    return load_predictor(find(name).folder)


def read_report(folder: Path) -> Report:
    """The report beside a model. Raises BrnetError where it is missing or cannot be read."""
    try:
        return Report.model_validate_json((folder / REPORT).read_bytes())
    except OSError as error:
        raise NotFoundError(f"There is no {REPORT} in {folder}; train the model again.") from error
    except ValidationError as error:
        raise BrnetError(f"{folder / REPORT} cannot be read; copy it again or retrain the model.") from error


def publish(folder: Path, name: str, *, source: str = "", licence: str = "unknown") -> str:
    """Copy the result in `folder` to the shelf under `name`, with the card that lies there or a new one.

    Of the test rows only the network's predictions are kept. Raises BrnetError where the name is taken.
    """
    if not NAME.fullmatch(name):
        raise BrnetError(
            f"{name!r} cannot name a model; use up to 60 small letters, digits, '-' and '_': 'oxide-gaps'."
        )
    if name in shelf():
        raise BrnetError(f"There is already a model {name!r} on the shelf; choose another name.")
    if not all((folder / file).is_file() for file in MODEL_FILES):
        raise NotFoundError(
            "This run has no finished model to publish; wait for it to finish or train it again."
        )
    target = _published_folder() / name
    staged = target.with_name(f".{name}.{secrets.token_hex(4)}")
    staged.mkdir(parents=True)
    try:
        _copy(folder, staged, name=name, source=source, licence=licence)
        staged.rename(target)  # fails where somebody else took the name meanwhile
    except OSError as error:
        raise BrnetError(
            f"{name!r} could not be put on the shelf ({error.strerror}); choose another name."
        ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return name


def remove(name: str) -> None:
    """Take a published model off the shelf, readable or not. Raises BrnetError for one of the project's."""
    if (pretrained_folder() / name).is_dir():
        raise BrnetError(f"{name!r} comes with the project and stays on the shelf.")
    if not NAME.fullmatch(name) or not (_published_folder() / name).is_dir():
        find(name)
    shutil.rmtree(_published_folder() / name)


def pretrained_folder() -> Path:
    return app_file().parent / "pretrained"


def app_file() -> Path:
    """app.py: beside the package in a checkout, inside it when installed."""
    beside = PACKAGE.parent / "app.py"
    return beside if beside.is_file() and (PACKAGE.parent / "pages").is_dir() else PACKAGE / "_app" / "app.py"


def _slim(report: Report) -> Report:
    rows = (
        row if row.kind == "network" else row.model_copy(update={"predictions": ()}) for row in report.rows
    )
    return report.model_copy(update={"rows": tuple(rows)})


def _copy(folder: Path, staged: Path, *, name: str, source: str, licence: str) -> None:
    for file in (WEIGHTS, DESCRIPTION):
        shutil.copyfile(folder / file, staged / file)
    report = read_report(folder)
    write_whole(staged / REPORT, _slim(report).model_dump_json().encode())
    text = card(report, title=name, source=source, licence=licence)
    if (folder / CARD).is_file():
        text = (folder / CARD).read_text(encoding="utf-8")
    write_whole(staged / CARD, text.encode())


def _published_folder() -> Path:
    return settings().home / "models"


@lru_cache(maxsize=256)
def _shelved(folder: Path, pretrained: bool, changed: int) -> Shelved:
    """One model's description, read again only when its report has `changed`."""
    report = Report.model_validate_json((folder / REPORT).read_bytes())
    text = (folder / CARD).read_text(encoding="utf-8") if (folder / CARD).is_file() else ""
    title = text.split("\n", 1)[0].removeprefix("# ") or folder.name
    return Shelved(
        name=folder.name, title=title, folder=folder, pretrained=pretrained, report=report, card=text
    )
