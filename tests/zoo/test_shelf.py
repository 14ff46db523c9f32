"""The shelf: publish, find, refuse, remove; the models that come with the project."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from brnet.errors import BrnetError, NotFoundError
from brnet.materials.formulas.formula import read_formula
from brnet.zoo.shelf import find, load, pretrained_folder, publish, remove, shelf

MOST_BYTES = 5 * 2**20


def test_a_published_model_answers_as_the_run_did(home: Path, folder: Path, result) -> None:
    assert publish(folder, "alloys", licence="own") == "alloys"
    asked = [read_formula("FeAl")]
    assert load("alloys").predict(asked).values == result.predictor.predict(asked).values
    model = find("alloys")
    assert not model.pretrained
    assert "| Licence of the data | own |" in model.card


def test_the_shelf_keeps_the_networks_predictions_alone(home: Path, folder: Path) -> None:
    publish(folder, "alloys")
    kept = {row.name: len(row.predictions) for row in find("alloys").report.rows}
    assert kept == {"BRNet": find("alloys").report.n_test, "mean": 0}


def test_a_card_written_by_hand_is_kept(home: Path, folder: Path) -> None:
    (folder / "card.md").write_text("# Enthalpies of alloys\n")
    publish(folder, "alloys")
    assert find("alloys").title == "Enthalpies of alloys"


def test_a_folder_can_be_loaded_without_publishing(folder: Path) -> None:
    assert load(str(folder)).quantity.unit == "kJ/mol"


def test_a_name_is_taken_once(home: Path, folder: Path) -> None:
    publish(folder, "alloys")
    with pytest.raises(BrnetError, match="already a model 'alloys' on the shelf; choose another name"):
        publish(folder, "alloys")


@pytest.mark.parametrize("name", ["", "My Model", "../x", "a" * 61])
def test_names_that_make_no_folder_are_refused(home: Path, folder: Path, name: str) -> None:
    with pytest.raises(BrnetError, match="cannot name a model"):
        publish(folder, name)


def test_an_unfinished_run_has_nothing_to_publish(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no finished model to publish"):
        publish(tmp_path, "empty")


def test_a_published_model_can_be_taken_off(home: Path, folder: Path) -> None:
    publish(folder, "alloys")
    remove("alloys")
    assert "alloys" not in shelf()


def test_a_broken_model_hides_no_other_and_can_be_removed(home: Path, folder: Path) -> None:
    publish(folder, "alloys")
    publish(folder, "broken")
    (home / "models" / "broken" / "report.json").write_text("{}")
    assert "alloys" in shelf()
    assert "broken" not in shelf()
    remove("broken")
    assert not (home / "models" / "broken").exists()


def test_of_those_who_publish_one_name_together_one_succeeds(home: Path, folder: Path) -> None:
    def attempt(_: int) -> str:
        try:
            return publish(folder, "race")
        except BrnetError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, range(4)))
    assert told.count("race") == 1
    assert all("choose another name" in words for words in told if words != "race")
    assert [place.name for place in (home / "models").iterdir()] == ["race"]


def test_an_unknown_model_is_refused_with_those_there_are(home: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no model 'nothing' on the shelf; there is mp-"):
        find("nothing")


def test_pretrained_models_stay(home: Path) -> None:
    with pytest.raises(BrnetError, match="comes with the project and stays"):
        remove("mp-band-gap")


@pytest.mark.parametrize("name", ["mp-band-gap", "mp-formation-energy", "mp-bulk-modulus"])
def test_each_pretrained_model_is_small_and_has_its_card(home: Path, name: str) -> None:
    model = find(name)
    assert model.pretrained
    assert sum(file.stat().st_size for file in model.folder.iterdir()) <= MOST_BYTES
    for word in ("Licence of the data | CC BY 4.0", "Split", "Scores on the test rows", "brnet train"):
        assert word in model.card
    assert {file.suffix for file in model.folder.iterdir()} == {".safetensors", ".json", ".md"}


def test_every_folder_of_pretrained_is_on_the_shelf(home: Path) -> None:
    assert {place.name for place in pretrained_folder().iterdir()} <= set(shelf())
