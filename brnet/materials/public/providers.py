"""Tables of databases that speak OPTIMADE, asked through its own client (an extra: brnet[optimade])."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brnet.errors import BrnetError, NotFoundError, UnavailableError
from brnet.materials.public.download import Progress
from brnet.materials.public.internet import checked
from brnet.settings import settings

FORMULA = "chemical_formula_reduced"  # OPTIMADE 1.2: a field of structures that every provider should have
MOST_ROWS = 10_000
TIMEOUT_SECONDS = 30.0
MOST_REFUSALS = 5  # answers 'too many requests': the client itself would ask for ever
MOST_WORDS = 200  # characters of a provider's own explanation
PREFIX = re.compile(r"^_[a-z0-9]+_")  # a provider's own fields bear its name: _oqmd_band_gap
EXAMPLE = 'elements HAS "Ti" AND nelements=2'


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A database: its OPTIMADE address without the version, its home page for citation and licence."""

    title: str
    address: str
    home: str


# Addresses as in pymatgen 2026.10.24, pymatgen.ext.optimade.OptimadeRester.aliases.
PROVIDERS: dict[str, Provider] = {
    "mp": Provider(
        title="Materials Project",
        address="https://optimade.materialsproject.org",
        home="https://materialsproject.org",
    ),
    "oqmd": Provider(
        title="Open Quantum Materials Database",
        address="https://oqmd.org/optimade",
        home="https://oqmd.org",
    ),
    "alexandria": Provider(
        title="Alexandria (PBE)",
        address="https://alexandria.icams.rub.de/pbe",
        home="https://alexandria.icams.rub.de",
    ),
}


def optimade_properties(provider: str) -> dict[str, str]:
    """The numbers that a provider of PROVIDERS offers for structures: name -> unit, '' where none is said.

    Raises NotFoundError for an unknown provider, UnavailableError where it does not answer or the client is
    not installed.
    """
    about = _answer(_client(provider, most=1).get(endpoint="info/structures"), provider)
    offered = about.get("properties") if isinstance(about, dict) else None
    if not isinstance(offered, dict):
        raise _no_answer(provider, "it does not say what it holds")
    return {
        name: _unit(said) for name, said in offered.items() if isinstance(said, dict) and _is_number(said)
    }


def fetch_optimade(
    provider: str,
    *,
    filter: str,
    properties: Sequence[str],
    most: int = MOST_ROWS,
    progress: Progress | None = None,
) -> bytes:
    """A CSV with the formula, `properties` and the identifier of the structures that `filter` leaves.

    A property inside another one is written with dots. At most `most` rows; `progress` is told shares of 1.
    Raises BrnetError for a filter that is none, else as `optimade_properties`.
    """
    client = _client(provider, most=most, progress=progress)
    _check_filter(filter)
    units = optimade_properties(provider)
    fields = list(dict.fromkeys([FORMULA, *(name.split(".")[0] for name in properties)]))
    entries = _answer(client.get(filter=filter, response_fields=fields), provider)
    if not entries:
        raise UnavailableError(
            f"{PROVIDERS[provider].title} has no structure that fits {filter!r}; widen the filter."
        )
    header = ("formula", *(_header(name, units.get(name, "")) for name in properties), "id")
    return _csv(header, [_row(entry, properties) for entry in entries[:most]])


def _client(provider: str, *, most: int, progress: Progress | None = None) -> Any:
    """A client of one provider. Raises NotFoundError, UnavailableError."""
    if provider not in PROVIDERS:
        raise NotFoundError(
            f"There is no OPTIMADE provider {provider!r}; choose one of {', '.join(PROVIDERS)}."
        )
    try:
        from optimade.client import OptimadeClient  # type: ignore[import-not-found, unused-ignore]
    except ImportError as failure:
        raise UnavailableError(
            "Databases that speak OPTIMADE are asked through the package optimade, which is not installed; "
            "install it with: pip install 'brnet[optimade]'."
        ) from failure
    client = OptimadeClient(
        PROVIDERS[provider].address,
        max_results_per_provider=most,
        http_timeout=TIMEOUT_SECONDS,
        use_async=False,
        silent=True,
        http_client=_session(),
        callbacks=[_counter(most, progress)] if progress else None,
    )
    client.all_results = defaultdict(dict)  # the class's own keeps the answers to all questions for ever
    return client


def _session() -> type:
    """A connection through the proxy that is set, which ends where the client itself would ask for ever."""
    from requests import ConnectionError, Response, Session

    proxy = settings().proxy
    if proxy:
        checked(proxy, what="The proxy that BRNET_PROXY names")

    class Patient(Session):
        def __init__(self) -> None:
            super().__init__()
            self.n_refused = 0
            self.hooks["response"] = [self.look]
            self.proxies = {"http": proxy, "https": proxy} if proxy else {}

        def look(self, answer: Response, **_: object) -> None:
            self.n_refused += answer.status_code == 429
            if self.n_refused > MOST_REFUSALS:
                raise ConnectionError("it answers 'too many requests'")

    return Patient


def _counter(most: int, tell: Progress) -> Callable[[str, dict], None]:
    """Tells the share of the rows after each page."""
    n_rows = 0

    def count(url: str, page: dict) -> None:
        nonlocal n_rows
        n_rows += len(page["data"])
        expected = page["meta"].get("data_returned")
        tell(min(1.0, n_rows / max(1, min(most, expected) if isinstance(expected, int) else most)))

    return count


def _check_filter(filter: str) -> None:
    """The client would do so too, but it then silences all later errors of the process."""
    from optimade.exceptions import BadRequest  # type: ignore[import-not-found, unused-ignore]
    from optimade.filterparser import LarkParser  # type: ignore[import-not-found, unused-ignore]

    try:
        LarkParser().parse(filter)
    except BadRequest as failure:
        raise BrnetError(f"{filter!r} is not an OPTIMADE filter; write for example {EXAMPLE}.") from failure


def _answer(found: Mapping[str, Any], provider: str) -> Any:
    """The data of the one question that was asked of the one provider. Raises UnavailableError."""
    (by_filter,) = found.values()
    (by_address,) = by_filter.values()
    (answer,) = by_address.values()
    if answer["errors"]:
        raise _no_answer(provider, str(answer["errors"][0]))
    return answer["data"]


def _no_answer(provider: str, reason: str) -> UnavailableError:
    words = " ".join(reason.split())
    short = words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…"
    return UnavailableError(f"{PROVIDERS[provider].title} did not answer ({short}); try again later.")


def _is_number(about: Mapping[str, Any]) -> bool:
    """In OPTIMADE 1.1 'type' is the kind; from 1.2 on it is 'x-optimade-type', and 'type' is that of JSON."""
    said = [about.get("x-optimade-type"), about.get("type")]
    kinds = [kind for entry in said for kind in (entry if isinstance(entry, list) else [entry])]
    return any(kind in ("float", "integer", "number") for kind in kinds)


def _unit(about: Mapping[str, Any]) -> str:
    said = about.get("x-optimade-unit") or about.get("unit")
    return said if isinstance(said, str) and said not in ("dimensionless", "inapplicable") else ""


def _header(name: str, unit: str) -> str:
    """'_oqmd_band_gap' and 'eV' -> 'band_gap (eV)'."""
    label = PREFIX.sub("", name)
    return f"{label} ({unit})" if unit else label


def _row(entry: Mapping[str, Any], properties: Sequence[str]) -> list[object]:
    attributes = entry.get("attributes") or {}
    values = (_inside(attributes, name) for name in properties)
    return [attributes.get(FORMULA) or "", *values, entry.get("id", "")]


def _inside(value: Any, path: str) -> object:
    """The number or text at 'a.b' of {'a': {'b': 1}}, '' where there is none."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None or isinstance(value, list | dict) else value


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
