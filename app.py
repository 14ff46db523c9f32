"""The server: the pages, the HTTP API and the engine in one application; `streamlit run app.py` starts it."""

import gc
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from brnet.errors import BrnetError
from brnet.runs.engine import ensure_engine
from brnet.web.routes import routes

ROOT = Path(__file__).resolve().parent
WARM_FORMULA = "GaN"
HEAVY = ("torch", "sklearn", "plotly.graph_objects", "brnet.views.figures")

logger = logging.getLogger("brnet")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Start the engine and warm up beside the server, so that the first page need not wait for either."""
    threading.Thread(target=_start, name="brnet-start", daemon=True).start()
    yield


def _start() -> None:
    for step in (ensure_engine, _warm_up):
        try:
            step()
        except BrnetError as error:
            logger.warning("%s", error)


def _warm_up() -> None:
    """Import what the pages use, ask every model once, then spare all that from garbage collection.

    Streamlit collects after every run: without freezing, 20 live viewers waited 3.5 s a tick, with it 13 ms.
    """
    for name in HEAVY:
        importlib.import_module(name)
    shelf, lookup = importlib.import_module("brnet.zoo.shelf"), importlib.import_module("brnet.zoo.lookup")
    for name in shelf.shelf():
        lookup.look_up(shelf.load(name), [WARM_FORMULA])
    gc.collect()
    gc.freeze()


app = st.App(ROOT / "pages" / "shell.py", lifespan=lifespan, routes=routes)
