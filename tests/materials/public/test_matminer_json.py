"""matminer's table form is read row by row: formulas, cells, and where it is another form."""

import io
import json
from typing import Any

import pytest

from brnet.materials.public import json_stream
from brnet.materials.public.matminer_json import formula_text, read_rows

TABLE = {
    "index": [0, 1, 2],
    "columns": ["gap", "composition", "phase"],
    "data": [[1.0, "Fe2O3", "α"], [None, "NaN", None], [2, None, "β"]],
}


def _rows(table: Any) -> list[tuple[str, list[Any]]]:
    text = table if isinstance(table, str) else json.dumps(table)
    return list(read_rows(io.StringIO(text), formula="composition", columns=["phase", "gap"]))


def test_cells_come_in_the_order_asked_for() -> None:
    assert _rows(TABLE) == [("Fe2O3", ["α", 1.0]), ("NaN", [None, None]), ("", ["β", 2])]


@pytest.mark.parametrize("piece", [1, 5, 64])
def test_rows_are_read_alike_in_pieces_of_any_size(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(json_stream, "PIECE_CHARACTERS", piece)
    assert _rows(TABLE)[0] == ("Fe2O3", ["α", 1.0])


def test_sites_of_a_structure_are_added_up() -> None:
    sites = [{"species": [{"element": "Fe3+", "occu": 0.5}, {"element": "Cr", "occu": 0.5}]}] * 2
    assert _rows({**TABLE, "data": [[1, {"sites": sites}, ""]]})[0][0] == "Cr1Fe1"


def test_a_formula_is_written_in_the_order_of_the_symbols() -> None:
    assert formula_text({"O": 6, "Fe": 4.0, "Al": 0.125}) == "Al0.125Fe4O6"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[]", "'{' is missing"),
        ('{"columns": ["a"', "it ends too early"),
        ({"data": [], "columns": []}, "the rows come before the names of the columns"),
        ({"columns": ["formula"], "data": []}, "'composition' is not in list"),
        ({**TABLE, "data": [[1, {"sites": [{"species": [{"element": "3", "occu": 1}]}]}, ""]]}, "no element"),
    ],
)
def test_another_form_is_refused(table: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _rows(table)
