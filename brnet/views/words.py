"""Numbers, times and questions as people read them, always with their unit."""

import math
from datetime import UTC, datetime

from brnet.materials.inputs.features import FEATURES
from brnet.materials.properties import Quantity
from brnet.materials.reading import Reading
from brnet.materials.splits.rules import SPLITS
from brnet.models.baselines import BASELINES
from brnet.training.experiment import Experiment
from brnet.training.metrics import METRICS
from brnet.training.report import Report, Row

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
MOST_NAMED = 4  # columns named in a sentence
DIGITS = 3  # significant digits of a measured or predicted value


def number(value: float, *, digits: int = DIGITS) -> str:
    """A value with `digits` significant digits: 0.412, 12.3, 1,234, 1.2e-05, –."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if not -4 <= exponent < 7:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    return f"{value:,.{max(0, digits - 1 - exponent)}f}".replace("-", "−")


def with_unit(value: float, unit: str, *, digits: int = DIGITS) -> str:
    """'1.23 eV'; a bare number when there is no unit."""
    return f"{number(value, digits=digits)} {unit}".rstrip()


def inputs(reading: Reading) -> str:
    """Where a question's inputs come from: "the formulas in column 'formula'"."""
    parts = []
    if reading.formula_column:
        parts.append(f"the formulas in column {reading.formula_column!r}")
    if reading.mixture:
        parts.append(
            f"the amounts ({reading.mixture.unit}) in {count(len(reading.mixture.columns), 'column')}"
        )
    own = reading.own_columns
    if own:
        named = f"column{'s' if len(own) > 1 else ''} {', '.join(map(repr, own[:MOST_NAMED]))}"
        more = f" and {len(own) - MOST_NAMED} more" if len(own) > MOST_NAMED else ""
        parts.append(named + more)
    return " and ".join(parts)


def decimals(low: float, high: float) -> int | None:
    """Decimals that an interval leaves a meaning to: two digits of its half-width; None without a width."""
    half_width = (high - low) / 2
    return 1 - math.floor(math.log10(half_width)) if half_width > 0 and math.isfinite(half_width) else None


def predicted(value: float, low: float | None, high: float | None, unit: str) -> str:
    """'1.60 eV' for 1.6014 between 0.92 and 2.28: no more digits than the doubt allows."""
    return f"{_doubted(value, low, high)} {unit}".rstrip()


def interval(low: float | None, high: float | None, unit: str) -> str:
    """'0.31 to 2.15 eV', empty when the model has no interval."""
    if low is None or high is None:
        return ""
    return f"{_doubted(low, low, high)} to {_doubted(high, low, high)} {unit}".rstrip()


def score(name: str, value: float | None, quantity: Quantity) -> str:
    """A metric's value with the unit it carries: '0.412 eV', '0.91'."""
    if value is None:
        return "–"
    metric = METRICS.get(name)
    return with_unit(value, score_unit(quantity) if metric and metric.unit_of_target else "")


def score_unit(quantity: Quantity) -> str:
    """The unit of errors, which are taken as the table holds the values: 'eV', 'log10(GPa)'."""
    if not quantity.log10:
        return quantity.unit
    return f"log10({quantity.unit})" if quantity.unit else "log10"


def metric_label(name: str, quantity: Quantity) -> str:
    """A metric as a column or axis title: 'MAE (eV)'."""
    metric = METRICS[name]
    unit = score_unit(quantity) if metric.unit_of_target else ""
    return f"{metric.label} ({unit})" if unit else metric.label


def count(n: int, one: str, many: str = "") -> str:
    """'1 row', '1,204 rows'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def parameters(n: int) -> str:
    """A parameter budget in few characters: 950, 200 k, 4.55 M."""
    if n < 1_000:
        return str(n)
    scaled, suffix = (n / 1_000, "k") if n < 999_500 else (n / 1_000_000, "M")
    return f"{scaled:.3g} {suffix}"


def duration(seconds: float) -> str:
    """'8 s', '3 min 20 s', '1 h 05 min', '2 d 3 h'."""
    whole = round(seconds)
    if whole < 1:
        return "under 1 s"
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def about(seconds: float) -> str:
    """An estimate: 'about 8 s', 'under 1 s'."""
    told = duration(seconds)
    return told if told.startswith("under") else f"about {told}"


def ago(moment: datetime, *, now: datetime | None = None) -> str:
    """'just now', '12 min ago', '3 h ago', else the date (UTC)."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h ago"
    return f"on {moment:%-d %B %Y}"


def network(experiment: Experiment) -> str:
    """'BRNet, 200 k parameters' or 'BRNet, published widths'."""
    size = (
        "published widths"
        if experiment.parameters is None
        else f"{parameters(experiment.parameters)} parameters"
    )
    return f"{experiment.architecture}, {size}"


def basis(report: Report) -> str:
    """What a score rests on: split, rows, seed, in one sentence."""
    experiment = report.experiment
    return (
        f"Scored on {count(report.n_test, 'test row')} ({tested(experiment)}), "
        f"one seed ({experiment.seed}); trained on {report.n_train:,}, "
        f"best epoch chosen on {report.n_valid:,} validation rows. {report.split_note}"
    ).rstrip()


def model(row: Row) -> str:
    """How a line of a leaderboard is called: the architecture's name or the baseline's label."""
    known = BASELINES.get(row.name) if row.kind == "baseline" else None
    return known.label if known else row.name


def tested(experiment: Experiment) -> str:
    """Which rows the test rows are, as a phrase: 'held-out formulas', 'rows with Fe'."""
    return SPLITS[experiment.split].tests.format(held_out=experiment.held_out or "held out")


def class_name(label: str, quantity: Quantity) -> str:
    """A class as people call it: '1' of the quantity 'metal' is 'metal', '0' is 'not metal'."""
    return {"1": quantity.label, "0": f"not {quantity.label}"}.get(label, label)


def methods(report: Report) -> str:
    """A paragraph for the methods section of a paper."""
    experiment, quantity = report.experiment, report.experiment.quantity
    scores = [
        f"{METRICS[name].label} {score(name, value, quantity)}"
        for name, value in report.network.scores.items()
    ]
    sentences = (
        f"{sentence_case(quantity.axis)} was learned from {_learned_from(experiment)} with "
        f"{experiment.architecture} ({report.n_parameters:,} trainable parameters; {report.n_inputs} inputs: "
        f"{', '.join(_input_names(experiment))}) on {report.n_rows:,} rows of {report.dataset_name} "
        f"({report.n_dropped:,} rows left out).",
        f"Of these, {report.n_train:,} were for training, {report.n_valid:,} for choosing the epoch and "
        f"{report.n_test:,} for the test: {tested(experiment)} (seed {experiment.seed}). {report.split_note}",
        f"The recipe '{experiment.recipe}' ran for {count(report.epochs, 'epoch')} "
        f"(best {report.best_epoch}) on {report.device}.",
        f"On the test rows, one run: {', '.join(scores)}.",
    )
    return " ".join(sentence.rstrip() for sentence in sentences)


def _learned_from(experiment: Experiment) -> str:
    if not experiment.has_compositions:
        return "the table's own columns"
    return "composition and further columns" if experiment.own_columns else "composition alone"


def _input_names(experiment: Experiment) -> list[str]:
    """The labels of the feature sets, then the table's own columns."""
    return [FEATURES[name].label for name in experiment.features] + list(experiment.own_columns)


def sentence_case(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def _doubted(value: float, low: float | None, high: float | None) -> str:
    places = None if low is None or high is None else decimals(low, high)
    if places is None or not -6 <= places <= 6:
        return number(value)
    return f"{round(value, places) + 0.0:,.{max(0, places)}f}".replace("-", "−")
