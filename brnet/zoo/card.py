"""A model card: data, licence, split, scores, how to rebuild, in Markdown."""

import csv
import io
import shlex
from collections.abc import Sequence

from brnet.materials.tables.mixture import Mixture
from brnet.training.experiment import Experiment
from brnet.training.metrics import METRICS
from brnet.training.report import Report, Row


def card(report: Report, *, title: str, source: str = "", licence: str = "unknown") -> str:
    """The card of one trained model. `source` says where the table came from, `licence` under which terms."""
    experiment = report.experiment
    lines = [
        f"# {title}",
        "",
        f"Predicts the {experiment.quantity.axis} of a material from {_inputs(experiment)}.",
        "",
        "| | |",
        "|---|---|",
        f"| Data | {report.dataset_name}{f', {source}' if source else ''} |",
        f"| Licence of the data | {licence} |",
        f"| Rows | {report.n_rows:,} used, {report.n_dropped:,} left out |",
        f"| Split | {_split(experiment)}, seed {experiment.seed}: {report.n_train:,} to train, "
        f"{report.n_valid:,} to choose the epoch, {report.n_test:,} to judge |",
        f"| Network | {experiment.architecture}, {report.n_parameters:,} parameters, "
        f"{report.n_inputs} inputs ({', '.join(experiment.features + experiment.own_columns)}) |",
        f"| Training | recipe {experiment.recipe}, {report.epochs} epochs (best {report.best_epoch}), "
        f"{report.seconds:,.0f} s on {report.device} |",
        *_interval_lines(report),
        f"| Made | {report.finished_at[:10]} with torch {report.versions['torch']} |",
        "",
        "## Scores on the test rows",
        "",
        f"One run, one seed; baselines on the same rows.{_error_unit(report)}",
        "",
        *_score_table(report),
        "",
        "## Rebuild",
        "",
        "```",
        command(report),
        "```",
    ]
    return "\n".join(lines) + "\n"


def command(report: Report) -> str:
    """The shell command that asks the same question again; it leaves nothing to be guessed."""
    experiment = report.experiment
    words = ["brnet", "train", report.dataset_name, *_reading_words(experiment)]
    words += ["--architecture", experiment.architecture]
    words += ["--parameters", str(experiment.parameters or "published"), "--recipe", experiment.recipe]
    words += ["--features", ",".join(experiment.features) or "none", "--split", experiment.split]
    words += ["--held-out", experiment.held_out] if experiment.held_out else []
    words += ["--seed", str(experiment.seed), "--task", experiment.task]
    words += ["--baselines", ",".join(experiment.baselines) or "none"]
    quantity = experiment.quantity
    words += ["--label", quantity.label, "--unit", quantity.unit]
    words += ["--lower", str(quantity.lower)] if quantity.lower is not None else []
    words += ["--upper", str(quantity.upper)] if quantity.upper is not None else []
    words += ["--log10" if quantity.log10 else "--no-log10"]
    words += ["--epochs", str(experiment.epochs)] if experiment.epochs else []
    return shlex.join([*words, "--out", "model"])


def _inputs(experiment: Experiment) -> str:
    """'its formula and the columns 'T' and 'route''."""
    own = [repr(name) for name in experiment.own_columns]
    named = f"the column{'s' if len(own) > 1 else ''} {' and '.join(own)}" if own else ""
    composition = "its composition" if experiment.mixture else "its formula"
    return " and ".join(filter(None, [composition if experiment.features else "", named]))


def _split(experiment: Experiment) -> str:
    return f"{experiment.split} {experiment.held_out}".rstrip()


def _reading_words(experiment: Experiment) -> list[str]:
    """The options that say how the table is read."""
    words = ["--formula", experiment.formula_column or "none"]
    if experiment.mixture:
        words = _mixture_words(experiment.mixture)
    elif not experiment.formula_column:
        words += ["--amounts", "none"]
    words += ["--target", experiment.target]
    if experiment.own_columns:
        words += ["--numbers", _line(experiment.numbers), "--categories", _line(experiment.categories)]
    return [*words, "--repeats", experiment.repeats]


def _mixture_words(mixture: Mixture) -> list[str]:
    words = ["--amounts", _line(mixture.columns), "--amounts-in", mixture.unit]
    return [*words, "--balance", mixture.balance or "none"]


def _line(names: Sequence[str]) -> str:
    """Names as one line of CSV, so that one with a comma is quoted; 'none' for none."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue() or "none"


def _error_unit(report: Report) -> str:
    unit = _table_unit(report)
    return f" Errors in {unit}." if unit and report.experiment.task == "regression" else ""


def _table_unit(report: Report) -> str:
    """The unit of the values as the table holds them: 'eV', 'log10(GPa)'."""
    quantity = report.experiment.quantity
    if quantity.log10:
        return f"log10({quantity.unit})" if quantity.unit else "decades"
    return quantity.unit


def _interval_lines(report: Report) -> list[str]:
    if report.interval is None or report.interval_coverage is None:
        return []
    return [
        f"| Interval | ± {report.interval:.3g} {_table_unit(report)}, meant to hold 90 % of values; "
        f"held {report.interval_coverage:.1%} of the test rows |"
    ]


def _score_table(report: Report) -> list[str]:
    names = list(report.network.scores)
    header = "| model | " + " | ".join(METRICS[name].label for name in names) + " | parameters | seconds |"
    return [header, "|---" * (len(names) + 3) + "|", *(_score_line(row, names) for row in report.rows)]


def _score_line(row: Row, names: list[str]) -> str:
    if row.error:
        return f"| {row.name} | {row.error} |" + " |" * (len(names) + 1)
    scores = " | ".join(f"{row.scores[name]:.4g}" if name in row.scores else "–" for name in names)
    parameters = f"{row.parameters:,}" if row.parameters else "–"
    return f"| {row.name} | {scores} | {parameters} | {row.seconds:.1f} |"
