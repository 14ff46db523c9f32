"""Verbs about data: say what a table holds, write it cleaned, list and fetch public datasets."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brnet.cli.command import Answer, command, write
from brnet.cli.question import features_of, features_option, question, read_file, reading_options
from brnet.errors import NotFoundError

if TYPE_CHECKING:
    from brnet.materials.dataset import Dataset
    from brnet.materials.guess import Guess
    from brnet.materials.profile import Profile
    from brnet.materials.public.entries import PublicDataset
    from brnet.materials.reading import Reading
    from brnet.materials.tables.table import Table
    from brnet.training.optimism import Optimism

MOST_LINES = 20  # dropped rows told in words; --json and --touched tell all
MOST_NOTES = 10
TENTHS = 10


@command
@click.argument("table", type=click.Path(path_type=Path))
@reading_options
@features_option
@click.option("--optimism", "rule", help="Compare this split with a random one by what a baseline scores.")
@click.option("--held-out", default="", help="Element, cluster or fold to test on, where the split asks.")
@click.option("--touched", type=click.Path(path_type=Path), help="Write every row touched, with its reason.")
def inspect(table: Path, rule: str | None, held_out: str, touched: Path | None, **options: Any) -> Answer:
    """Read a table and say what can be learned from it."""
    from brnet.materials.dataset import touched_csv
    from brnet.materials.profile import profile
    from brnet.views.profile_words import sentences

    read, asked, dataset, features = _dataset(table, options)
    flattered = _optimism(dataset, asked.reading, features, rule, held_out) if rule else None
    seen = profile(dataset)
    if touched:
        write(touched, touched_csv(dataset.touched))
    answer = _facts(read, asked, dataset) | {
        "profile": _profile_facts(seen),
        "optimism": _optimism_facts(flattered, asked) if flattered else None,
    }
    words = [
        *_sentences(read, asked, dataset),
        *sentences(seen, asked.quantity, classes=dataset.classes),
        *([flattered.sentence(asked.quantity)] if flattered else []),
        *([f"{touched} lists {len(dataset.touched):,} rows with the reasons."] if touched else []),
    ]
    return answer, "\n".join(words)


@command
@click.argument("table", type=click.Path(path_type=Path))
@reading_options
@features_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the cleaned rows.")
def export(table: Path, out: Path, **options: Any) -> Answer:
    """Write the rows that can be learned from as a CSV that reads as the same dataset."""
    _, asked, dataset, _ = _dataset(table, options)
    write(out, dataset.as_table().to_csv())
    answer = {
        "out": str(out),
        "rows": len(dataset),
        "rows_dropped": len(dataset.dropped),
        "target": asked.reading.target,
        "content_hash": dataset.content_hash,
    }
    return answer, f"{out} holds {len(dataset):,} rows, content hash {dataset.content_hash}."


@command
def datasets() -> Answer:
    """List the public datasets that can be fetched."""
    from brnet.materials.public.catalog import CATALOG

    rows = [_public_facts(dataset) for dataset in CATALOG.values()]
    width = max(map(len, CATALOG)) + 2
    words = [
        f"{row['name']:<{width}}{row['rows']:>9,}  {row['title']}: {row['axis']} ({row['licence']})"
        + ("  [cached]" if row["cached"] else "")
        for row in rows
    ]
    return rows, "\n".join(words)


@command
@click.argument("name")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the table.")
def fetch(name: str, out: Path) -> Answer:
    """Download a public dataset, or take it from the cache."""
    from brnet.materials.public import catalog

    if name not in catalog.CATALOG:
        known = ", ".join(catalog.CATALOG)
        raise NotFoundError(f"There is no public dataset {name!r}; there is {known}.")
    dataset = catalog.CATALOG[name]
    data = catalog.fetch(dataset, cache=_cache(), progress=_teller(name))
    write(out, data)
    answer = _public_facts(dataset) | {"out": str(out), "bytes": len(data)}
    return answer, f"{out} holds {dataset.title.lower()}, {dataset.rows:,} rows. Cite: {dataset.citation}."


def _dataset(path: Path, options: dict[str, Any]) -> "tuple[Table, Guess, Dataset, tuple[str, ...]]":
    """The table in a file, what is asked of it, its cleaned rows and the features they are cleaned for."""
    from brnet.materials.dataset import build_dataset

    read = read_file(path)
    asked = question(read, options)
    features = features_of(options, asked.reading)
    return read, asked, build_dataset(read, asked.reading, features=features), features


def _optimism(
    dataset: "Dataset", reading: "Reading", features: tuple[str, ...], rule: str, held_out: str
) -> "Optimism":
    from brnet.training.optimism import optimism

    return optimism(
        dataset,
        rule=rule,
        held_out=held_out,
        features=features,
        numbers=reading.numbers,
        categories=reading.categories,
    )


def _facts(table: "Table", asked: "Guess", dataset: "Dataset") -> dict[str, Any]:
    from brnet.materials.splits.rules import SPLITS, rules_for

    reading = asked.reading
    return {
        "table": table.name,
        "table_hash": table.content_hash,
        "columns": list(table.frame.columns),
        "formula_column": reading.formula_column,
        "amounts": reading.mixture.model_dump() if reading.mixture else None,
        "numbers": reading.numbers,
        "categories": reading.categories,
        "repeats": reading.repeats,
        "doubt": asked.doubt,
        "target": reading.target,
        "task": dataset.task,
        "classes": dataset.classes,
        "quantity": asked.quantity.model_dump(),
        "content_hash": dataset.content_hash,
        "rows_kept": len(dataset),
        "rows_dropped": len(dataset.dropped),
        "dropped": [asdict(row) for row in dataset.dropped],
        "rules": _rules(dataset),
        "splits": [{"name": name, "label": SPLITS[name].label} for name in rules_for(dataset)],
        "notes": dataset.notes,
    }


def _rules(dataset: "Dataset") -> list[dict[str, Any]]:
    """Each rule that touched a row, with how many it left out and how many it only marked."""
    from brnet.materials.cleaning import RULES

    counts = {name: [0, 0] for name in RULES}
    for row in dataset.touched:
        counts[row.rule][row.kept] += 1
    return [
        {"rule": name, "label": RULES[name].label, "left_out": left_out, "kept": kept}
        for name, (left_out, kept) in counts.items()
        if left_out or kept
    ]


def _sentences(table: "Table", asked: "Guess", dataset: "Dataset") -> list[str]:
    from brnet.materials.splits.rules import rules_for
    from brnet.views.words import inputs

    return [
        f"{table.name}: {len(dataset):,} rows to learn from, {len(dataset.dropped):,} left out.",
        f"From {inputs(asked.reading)}: {dataset.task} of {asked.reading.target!r}, "
        f"read as {asked.quantity.axis}.",
        *([asked.doubt] if asked.doubt else []),
        *(f"  {rule['label']}: {_counted(rule)}." for rule in _rules(dataset)),
        *_some((f"line {row.line}: {row.reason}" for row in dataset.dropped), MOST_LINES),
        *_some((f"note: {note}" for note in dataset.notes), MOST_NOTES),
        f"Splits: {', '.join(rules_for(dataset))}. Content hash of these rows: {dataset.content_hash}.",
    ]


def _counted(rule: dict[str, Any]) -> str:
    """'8 left out', '2 left out, 5 kept'."""
    parts = ((rule["left_out"], "left out"), (rule["kept"], "kept"))
    return ", ".join(f"{n:,} {what}" for n, what in parts if n)


def _some(lines: Iterable[str], most: int) -> list[str]:
    """The first lines, indented, and how many more there are."""
    told = list(lines)
    more = [f"  … and {len(told) - most:,} more; --json lists all."] if len(told) > most else []
    return [f"  {line}" for line in told[:most]] + more


def _optimism_facts(found: "Optimism", asked: "Guess") -> dict[str, Any]:
    return asdict(found) | {"sentence": found.sentence(asked.quantity)}


def _profile_facts(seen: "Profile") -> dict[str, Any]:
    facts: dict[str, Any] = {
        "values": asdict(seen.target),
        "outliers": len(seen.outliers),
        "merged": seen.merged,
    }
    if seen.chemistry is None:
        return facts
    repeats = seen.chemistry.repeats
    return facts | {
        "elements": {symbol: asdict(group) for symbol, group in seen.chemistry.elements.items()},
        "families": {name: asdict(group) for name, group in seen.chemistry.families.items()},
        "sizes": seen.chemistry.sizes,
        "compositions": repeats.compositions,
        "repeated": repeats.repeated,
        "repeated_rows": repeats.repeated_rows,
        "conflicting": repeats.conflicting,
        "conflicting_rows": repeats.conflicting_rows,
        "noise_floor": asdict(repeats.floor) if repeats.floor else None,
        "best_accuracy": repeats.accuracy,
    }


def _cache() -> Path:
    from brnet.settings import settings

    return settings().home / "downloads"


def _public_facts(dataset: "PublicDataset") -> dict[str, Any]:
    return {
        "name": dataset.name,
        "title": dataset.title,
        "rows": dataset.rows,
        "quantity": dataset.quantity.model_dump(),
        "axis": dataset.quantity.axis,
        "targets": [column.name for column in dataset.targets],
        "task": dataset.task,
        "citation": dataset.citation,
        "licence": dataset.licence,
        "cached": (_cache() / f"{dataset.name}-{dataset.key}.csv").is_file(),
    }


def _teller(name: str) -> Callable[[float], None]:
    """Tells every tenth of a download on stderr, once."""
    told = [0]

    def tell(share: float) -> None:
        tenth = int(TENTHS * share)
        if tenth > told[0]:
            told[0] = tenth
            click.echo(f"{name}: {tenth / TENTHS:.0%}", err=True)

    return tell
