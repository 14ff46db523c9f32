"""The command line: the library's verbs, in words for people or in JSON for programs."""

from importlib.metadata import PackageNotFoundError, version

import click

from brnet.cli.data import datasets, export, fetch, inspect
from brnet.cli.models import evaluate, models, predict, publish
from brnet.cli.serve import serve
from brnet.cli.train import architectures, budget, train

VERBS: tuple[click.Command, ...] = (
    inspect,
    export,
    datasets,
    fetch,
    architectures,
    budget,
    train,
    evaluate,
    predict,
    publish,
    models,
    serve,
)


def _version() -> str:
    try:
        return version("brnet")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "from a checkout"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="brnet")
def main() -> None:
    """Branched residual networks for materials properties."""


for _verb in VERBS:
    main.add_command(_verb)
