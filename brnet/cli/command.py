"""What every verb shares: an answer in words or in JSON, and bad input as exit code 2 with one sentence."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brnet.errors import BrnetError

if TYPE_CHECKING:
    from pydantic import ValidationError

Json = dict[str, Any] | list[Any]
Answer = tuple[Json, str]


def command(function: Callable[..., Answer]) -> click.Command:
    """A verb that returns its answer twice: for programs (--json) and for people. Bad input exits with 2."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @wraps(function)
    def run(*, as_json: bool, **options: Any) -> None:
        try:
            answer, words = function(**options)
        except BrnetError as error:
            if as_json:
                click.echo(json.dumps({"error": str(error)}, ensure_ascii=False))
            click.echo(f"brnet: {error}", err=True)
            sys.exit(2)
        click.echo(json.dumps(answer, ensure_ascii=False, default=_plain) if as_json else words)

    return click.command()(run)


def sentence(error: "ValidationError") -> str:
    """What pydantic found first, as the sentence that our own check raised or else with the field's name."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "input"
    return str(first.get("ctx", {}).get("error", f"The {field} cannot be used ({first['msg']}); change it."))


def make_folder(path: Path) -> None:
    """Before the work, so that no result is lost for want of a place."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrnetError(f"The folder {path} cannot be made: {error.strerror}; name another.") from error


def write(path: Path, data: bytes) -> None:
    """Write a file whole. Raises BrnetError where it cannot be written."""
    from brnet.disk import write_whole

    try:
        write_whole(path, data)
    except (OSError, ValueError) as error:  # ValueError: a path such as '.' names no file
        why = getattr(error, "strerror", "") or "it names no file"
        raise BrnetError(f"{path} cannot be written: {why}; name another file.") from error


def _plain(value: object) -> object:
    """What json cannot write by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
