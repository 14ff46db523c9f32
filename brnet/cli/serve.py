"""The verb that opens the dashboard."""

import os
import sys

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Open the dashboard."""
    from brnet.zoo.shelf import app_file

    script = app_file()
    options = [f"--server.address={host}", f"--server.port={port}", "--server.headless=true"]
    os.chdir(script.parent)  # Streamlit reads its configuration from the folder it runs in
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(script), *options])
