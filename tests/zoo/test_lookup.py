"""Looking up: answers in order, refusals in words, whole tables back."""

import pandas as pd
import pytest

from brnet.errors import BrnetError
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table
from brnet.materials.tables.mixture import Mixture
from brnet.settings import settings
from brnet.zoo.domain import caution
from brnet.zoo.lookup import answer_table, find_materials, look_up


def test_each_formula_gets_its_answer_in_order(result) -> None:
    answers = look_up(result.predictor, ["FeAl", "Xx2", "NiTi"])
    assert [answer.formula for answer in answers] == ["FeAl", "Xx2", "NiTi"]
    assert answers[1].error == "'Xx' in 'Xx2' is not an element."
    assert answers[1].value is None
    first = answers[0]
    assert first.unit == "kJ/mol"
    assert first.low is not None
    assert first.low < first.value < first.high


def test_answers_do_not_depend_on_their_neighbours(result) -> None:
    alone = look_up(result.predictor, ["FeAl"])[0]
    among = look_up(result.predictor, ["NiTi", "FeAl", "bad"])[1]
    assert among.value == pytest.approx(alone.value, rel=1e-5)


def test_elements_never_seen_are_named(result) -> None:
    answer = look_up(result.predictor, ["FeO"])[0]
    assert answer.caution == "The model has never seen O."
    assert answer.value is not None


def test_cautions_name_rare_elements() -> None:
    from brnet.materials.formulas.formula import read_formula

    composition = read_formula("FeAlO")
    assert caution(composition, {"Fe": 100, "Al": 100, "O": 100}) == ""
    assert caution(composition, {"Fe": 100, "Al": 3, "O": 100}) == "The model has hardly seen Al (3 rows)."
    assert caution(composition, {"Fe": 100}) == "The model has never seen O and Al."


def test_hydrates_are_answered_with_a_note(result) -> None:
    answer = look_up(result.predictor, ["CuSO4·5H2O"])[0]
    assert any("ydrate" in note for note in answer.notes)


def test_too_many_formulas_are_refused(result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRNET_MAX_LOOKUP_FORMULAS", "2")
    settings.cache_clear()
    with pytest.raises(BrnetError, match="3 formulas are more than the limit of 2 at once; send fewer"):
        look_up(result.predictor, ["Fe"] * 3)
    settings.cache_clear()


def test_a_table_comes_back_whole_with_the_answers_behind(result) -> None:
    frame = pd.DataFrame({"sample": ["a", "b"], "formula": ["FeAl", "Xx2"], "note": ["x", "y"]})
    answered = answer_table(frame, "formula", result.predictor)
    assert list(answered.columns[:3]) == ["sample", "formula", "note"]
    assert answered.columns[3] == "predicted formation enthalpy (kJ/mol)"
    assert "note, brnet" in answered.columns
    assert answered["refused"].tolist() == ["", "'Xx' in 'Xx2' is not an element."]
    assert len(answered) == 2


def test_answers_of_several_models_stand_side_by_side(result) -> None:
    frame = pd.DataFrame({"formula": ["FeAl"]})
    for model in ("a", "b", "c"):
        frame = answer_table(frame, "formula", result.predictor, model=model)
    assert frame.columns.is_unique
    assert "low (90 %), b" in frame.columns
    assert "low (90 %), c" in frame.columns


def test_a_table_is_read_as_the_table_that_the_model_learned_from() -> None:
    table = read_table(b"Al,Nb,y\n0.1,0.9,1\n0.5,0.5,2\n", name="titanium alloys.csv")
    own = Reading(mixture=Mixture(columns=("Al", "Nb"), unit="wt%"), target="y")
    assert find_materials(table, own) == own.mixture
    other = Reading(formula_column="formula", target="y")
    assert find_materials(read_table(b"compound,y\nGaN,1\nNaCl,2\n", name="t.csv"), other) == "compound"


def test_a_table_above_the_limit_is_refused_whatever_its_materials(
    result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRNET_MAX_LOOKUP_FORMULAS", "2")
    settings.cache_clear()
    frame = pd.DataFrame({"formula": ["FeAl"] * 3})
    with pytest.raises(BrnetError, match="more than the limit of 2"):
        answer_table(frame, "formula", result.predictor)
    settings.cache_clear()
