"""The HTTP API: is the server well, which models are there, what do they say of these formulas."""

import json
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache, wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from brnet.errors import BrnetError, NotFoundError, UnavailableError
from brnet.settings import settings

if TYPE_CHECKING:
    import pandas as pd

    from brnet.models.predictor import Predictor
    from brnet.zoo.lookup import Answer
    from brnet.zoo.shelf import Shelved

# The shelf and its models bring torch along; they are imported when the first question comes.

MOST_BODY_BYTES = 32 * 2**20
MODELS, PREDICT = "/api/v1/models", "/api/v1/predict"
METHODS = {MODELS: "GET", PREDICT: "POST"}

Inputs = dict[str, Any] | list[dict[str, Any]]  # the columns of all formulas, or of each
Handler = Callable[[Request], Awaitable[Response]]
_STATUS: dict[type[BrnetError], int] = {NotFoundError: 404, UnavailableError: 503, BrnetError: 400}


class _RequestError(BrnetError):
    """A question that the API does not answer, with the status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _spoken(handler: Handler) -> Handler:
    """What is raised on purpose becomes {"error": sentence} with a fitting status."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except _RequestError as refusal:
            return _error(refusal.status, str(refusal))
        except BrnetError as error:
            status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
            return _error(status, str(error))

    return answer


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "version": _version()})


@_spoken
async def _models(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(_all_models))


@_spoken
async def _predict(request: Request) -> Response:
    name, formulas, inputs = _question(await _body(request))
    return JSONResponse(await run_in_threadpool(_answers, name, formulas, inputs))


class _Nowhere:
    """Every other address under /api: refused in JSON, whatever the method, so that no page answers there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _nowhere(scope["method"], scope["path"])(scope, receive, send)


def _nowhere(method: str, path: str) -> Response:
    if path in METHODS:
        sentence = f"{path} answers {METHODS[path]}, not {method}."
        return _error(405, sentence, headers={"Allow": METHODS[path]})
    known = " and ".join(f"{method} {path}" for path, method in METHODS.items())
    return _error(404, f"There is nothing at this address; there is {known}.")


def _error(status: int, sentence: str, *, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY_BYTES:
            raise _RequestError(
                413, f"The request is larger than {MOST_BODY_BYTES:,} bytes; ask for fewer formulas at once."
            )
    return bytes(body)


def _question(body: bytes) -> tuple[str, list[str], Inputs]:
    """The model's name, the formulas and further inputs, or why this is no question."""
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        raise _RequestError(
            400, 'The request is not JSON; send {"model": name, "formulas": [text, …]}.'
        ) from None
    if not _is_text(question):
        raise _RequestError(
            422, "The request holds a lone surrogate, which is half a character; send whole text."
        )
    if not isinstance(question, dict):
        raise _RequestError(422, 'The request must be a JSON object: {"model": name, "formulas": [text, …]}.')
    unknown = sorted(question.keys() - {"model", "formulas", "inputs"})
    if unknown:
        raise _RequestError(
            422, f"'{unknown[0][:40]}' is not known here; send 'model', 'formulas' and perhaps 'inputs'."
        )
    name, formulas = question.get("model"), question.get("formulas")
    if not isinstance(name, str):
        raise _RequestError(422, f"'model' must be the name of a model as text; GET {MODELS} lists them.")
    texts = _texts(formulas)
    return name, texts, _inputs(question.get("inputs", {}), n_formulas=len(texts))


def _inputs(inputs: Any, *, n_formulas: int) -> Inputs:
    """The further columns as they were sent: one object for all formulas, or one for each."""
    rows = [inputs] if isinstance(inputs, dict) else inputs
    n_rows = 1 if isinstance(inputs, dict) else n_formulas
    if not isinstance(rows, list) or len(rows) != n_rows or not all(isinstance(r, dict) for r in rows):
        raise _RequestError(
            422, "'inputs' must be an object of columns, or a list of such objects, one for each formula."
        )
    for row in rows:
        for column, cell in row.items():
            if cell is not None and not isinstance(cell, str | int | float):
                raise _RequestError(422, f"'{column[:40]}' in 'inputs' must be a number or a text.")
    return inputs


def _is_text(question: Any) -> bool:
    """Whether every text in it can be written as UTF-8, which an answer that repeats it needs."""
    try:
        json.dumps(question, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(formulas: Any) -> list[str]:
    most = settings().max_lookup_formulas
    if not isinstance(formulas, list) or not formulas:
        raise _RequestError(422, "'formulas' must be a list of at least one formula as text.")
    if len(formulas) > most:
        raise _RequestError(
            413, f"{len(formulas):,} formulas are more than the {most:,} answered at once; send fewer."
        )
    for place, formula in enumerate(formulas, start=1):
        if not isinstance(formula, str):
            raise _RequestError(
                422, f"Number {place:,} of 'formulas' is not a text; put each formula in quotes."
            )
    return formulas


def _all_models() -> list[dict[str, Any]]:
    from brnet.zoo.shelf import shelf

    return [_described(model) for model in shelf().values()]


def _described(model: "Shelved") -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "quantity": model.quantity.label,
        "unit": model.quantity.unit,
        "task": model.task,
        "inputs": list(model.report.experiment.own_columns),
        "scores": {name: _finite(value) for name, value in model.report.network.scores.items()},
        "n_parameters": model.report.n_parameters,
        "pretrained": model.pretrained,
    }


def _answers(name: str, formulas: list[str], inputs: Inputs) -> dict[str, Any]:
    from brnet.models.files import DESCRIPTION
    from brnet.zoo.lookup import look_up
    from brnet.zoo.shelf import find

    # Only what stands on the shelf: a name is never read as a path.
    folder = find(name).folder
    predictor = _predictor(folder, (folder / DESCRIPTION).stat().st_mtime_ns)
    own = predictor.own
    columns = [column.name for column in own.numbers] + [column.name for column in own.categories]
    cells = _cells(inputs, columns, name)
    return {
        "model": name,
        "unit": predictor.quantity.unit,
        "predictions": [_row(answer) for answer in look_up(predictor, formulas, cells)],
    }


def _cells(inputs: Inputs, columns: Sequence[str], name: str) -> "pd.DataFrame | dict[str, str]":
    """The texts of the model's `columns`: one mapping stays one, however many formulas it is for."""
    import pandas as pd

    rows = [inputs] if isinstance(inputs, dict) else inputs
    unknown = next((column for row in rows for column in row if column not in columns), None)
    if unknown is not None:
        asks = f"it has {', '.join(map(repr, columns))}" if columns else "it looks at formulas only"
        raise _RequestError(422, f"'{unknown[:40]}' in 'inputs' is no column of the model '{name}'; {asks}.")
    texts = [{column: "" if cell is None else str(cell) for column, cell in row.items()} for row in rows]
    if isinstance(inputs, dict):
        return texts[0]
    return pd.DataFrame(texts, index=range(len(texts)), columns=list(columns), dtype=object).fillna("")


@lru_cache(maxsize=8)
def _predictor(folder: Path, changed: int) -> "Predictor":
    """A model, read again only when its file has `changed`."""
    from brnet.models.files import load_predictor

    return load_predictor(folder)


def _row(answer: "Answer") -> dict[str, Any]:
    """One answer. For classification `text` is the likelier label, `probability` that of the second class."""
    return {
        "formula": answer.formula,
        "value": _finite(answer.value),
        "low": _finite(answer.low),
        "high": _finite(answer.high),
        "text": answer.text,
        "probability": _finite(answer.probability),
        "notes": list(answer.notes),
        "caution": answer.caution,
        "learned": answer.learned,
        "error": answer.error,
    }


def _finite(number: float | None) -> float | None:
    """JSON has no infinity."""
    return number if number is not None and math.isfinite(number) else None


def _version() -> str:
    try:
        return version("brnet")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "from a checkout"


routes = [
    Route("/healthz", _health, methods=["GET"]),
    Route(MODELS, _models, methods=["GET"]),
    Route(PREDICT, _predict, methods=["POST"]),
    Route("/api", _Nowhere()),
    Route("/api/{path:path}", _Nowhere()),
]
