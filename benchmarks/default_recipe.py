"""The default recipe against LightGBM on the same random splits: error, seconds, mean over seeds, as CSV.

python benchmarks/default_recipe.py [--table matbench/matbench_expt_gap.csv] [--seeds 5]
"""

import argparse
import csv
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from brnet.materials.guess import guess
from brnet.materials.tables.files import read_table
from brnet.settings import settings
from brnet.training.conduct import conduct
from brnet.training.events import Finished
from brnet.training.experiment import Experiment
from brnet.training.metrics import HEADLINE
from brnet.training.report import Report


def main() -> None:
    options = _options()
    path = settings().shared_data / options.table
    lines = csv.writer(sys.stdout)
    lines.writerow(["seed", "model", "valid", "test", "parameters", "epochs", "seconds"])
    reports = [_run(path, seed, options) for seed in range(options.seeds)]
    for seed, report in enumerate(reports):
        metric = HEADLINE[report.experiment.task]
        for row in report.rows:
            epochs = report.epochs if row.kind == "network" else ""
            scores = [f"{part[metric]:.4f}" for part in (row.valid_scores, row.scores)]
            lines.writerow([seed, row.name, *scores, row.parameters or "", epochs, f"{row.seconds:.1f}"])
    for place, row in enumerate(reports[0].rows):
        lines.writerow(["mean", row.name, *_means(reports, place)])


def _means(reports: Sequence[Report], place: int) -> list[str]:
    metric = HEADLINE[reports[0].experiment.task]
    rows = [report.rows[place] for report in reports]
    valid = statistics.mean(row.valid_scores[metric] for row in rows)
    test = statistics.mean(row.scores[metric] for row in rows)
    seconds = statistics.mean(row.seconds for row in rows)
    return [f"{valid:.4f}", f"{test:.4f}", "", "", f"{seconds:.1f}"]


def _run(path: Path, seed: int, options: argparse.Namespace) -> Report:
    table = read_table(path.read_bytes(), name=path.name)
    asked = guess(table)
    experiment = Experiment(
        **asked.reading.model_dump(),
        dataset=table.content_hash,
        quantity=asked.quantity,
        architecture=options.architecture,
        parameters=options.parameters,
        recipe=options.recipe,
        split="random",
        seed=seed,
        baselines=tuple(filter(None, options.baselines.split(","))),
    )
    last = list(conduct(experiment, table, device=options.device, threads=options.threads))[-1]
    assert isinstance(last, Finished)
    print(f"seed {seed} done", file=sys.stderr)
    return last.report


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--table", default="matbench/matbench_expt_gap.csv", help="below BRNET_SHARED_DATA")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--architecture", default="BRNet")
    parser.add_argument("--parameters", type=int, default=200_000)
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--baselines", default="lightgbm,extra_trees")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
