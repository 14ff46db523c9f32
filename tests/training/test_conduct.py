"""A question answered whole: events in order, honest rows, files that answer again."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from brnet.errors import BrnetError, ExperimentError
from brnet.materials.formulas.formula import read_formula
from brnet.materials.properties import Quantity, guess_quantity
from brnet.materials.public.catalog import EXAMPLE_NAME, example_table
from brnet.materials.tables.columns import guess_columns
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table
from brnet.models.files import load_predictor
from brnet.training.conduct import check, conduct, save_result
from brnet.training.events import Began, Checkpointed, EpochEnded, Event, Finished, RowScored
from brnet.training.experiment import Experiment
from brnet.training.judge import conformal_half_width
from brnet.training.material import prepare
from brnet.training.report import Report
from brnet.zoo.lookup import look_up

EPOCHS = 40


@pytest.fixture(scope="module")
def table() -> Table:
    whole = read_table(example_table(), name=EXAMPLE_NAME)
    return Table(name=whole.name, frame=whole.frame.iloc[::5])


def question(table: Table, **changes) -> Experiment:
    columns = guess_columns(table)
    asked = {
        "dataset": table.content_hash,
        "formula_column": columns.formula,
        "target": columns.targets[0],
        "quantity": guess_quantity(columns.targets[0]),
        "features": ("ef",),
        "parameters": 8_000,
        "epochs": EPOCHS,
        "baselines": ("mean", "ridge"),
    }
    return Experiment(**(asked | changes))


@pytest.fixture(scope="module")
def events(table: Table) -> list[Event]:
    return list(conduct(question(table), table, device="cpu", threads=1))


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_events_come_in_order(events: list[Event]) -> None:
    kinds = [type(event) for event in events if not isinstance(event, Checkpointed)]
    assert kinds == [Began] + [EpochEnded] * EPOCHS + [RowScored] * 3 + [Finished]


def test_the_report_counts_the_rows_and_parameters(events: list[Event]) -> None:
    report = finished(events).report
    began = events[0]
    assert isinstance(began, Began)
    assert report.n_train + report.n_valid + report.n_test == report.n_rows
    network = finished(events).predictor.network
    assert report.n_parameters == began.n_parameters == sum(p.numel() for p in network.parameters())
    assert abs(report.n_parameters / 8_000 - 1) < 0.02
    assert len(report.test_values) == report.n_test == len(report.network.predictions)


def test_scores_are_those_of_the_stored_predictions(events: list[Event]) -> None:
    report = finished(events).report
    for row in report.rows:
        mae = np.abs(np.array(row.predictions) - np.array(report.test_values)).mean()
        assert row.scores["mae"] == pytest.approx(mae, rel=1e-4)


def test_the_network_beats_the_mean(events: list[Event]) -> None:
    scores = {row.name: row.scores["mae"] for row in finished(events).report.rows}
    assert scores["BRNet"] < 0.8 * scores["mean"]


def test_saved_files_answer_as_the_predictor_did(events: list[Event], tmp_path: Path) -> None:
    result = finished(events)
    save_result(result, tmp_path)
    loaded = load_predictor(tmp_path)
    compositions = [read_formula(text) for text in ("FeAl", "Ni3Al", "TiCu")]
    again, before = loaded.predict(compositions), result.predictor.predict(compositions)
    np.testing.assert_array_equal(again.values, before.values)
    np.testing.assert_array_equal(again.low, before.low)
    assert loaded.seen == dict(result.predictor.seen)
    assert Report.model_validate_json((tmp_path / "report.json").read_bytes()) == result.report
    with (tmp_path / "predictions.csv").open() as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["formula", result.report.experiment.target, "BRNet", "mean", "ridge"]
    assert len(lines) == result.report.n_test + 1


def test_test_rows_never_train(table: Table) -> None:
    material = prepare(question(table), table)
    held_out = {material.dataset.compositions[row].reduced for row in material.split.test}
    learned = {material.dataset.compositions[row].reduced for row in material.split.train}
    assert not held_out & learned


def test_the_same_question_has_the_same_answer(table: Table, events: list[Event]) -> None:
    again = list(conduct(question(table), table, device="cpu", threads=1))
    assert finished(again).report.network.predictions == finished(events).report.network.predictions


def test_a_request_to_finish_leaves_out_the_baselines(table: Table) -> None:
    asked = iter([False] * 40)
    events = list(conduct(question(table), table, threads=1, should_finish=lambda: next(asked, True)))
    assert [row.name for row in finished(events).report.rows] == ["BRNet"]
    assert finished(events).report.epochs < EPOCHS


def test_the_key_is_that_of_the_question(table: Table) -> None:
    assert question(table).key == Experiment.model_validate_json(question(table).model_dump_json()).key
    assert question(table).key != question(table, seed=1).key


def test_classes_are_answered_with_probabilities() -> None:
    metals, anions = ("Li", "Na", "K", "Mg", "Ca", "Fe", "Cu", "Zn"), ("O", "S", "Cl", "F", "Br")
    lines = [
        f"{m}{n}{x},{'salt' if x in ('Cl', 'F', 'Br') else 'oxide'}"
        for m in metals
        for x in anions
        for n in (1, 2)
    ]
    table = read_table("\n".join(["formula,kind", *lines]).encode(), name="kinds.csv")
    asked = question(table, task="classification", quantity=Quantity(label="kind"), epochs=60, split="random")
    result = finished(list(conduct(asked, table, device="cpu", threads=1)))
    assert result.report.classes == ("oxide", "salt")
    assert result.report.network.scores["balanced_accuracy"] > 0.8
    assert all(0 <= p <= 1 for p in result.report.network.predictions)
    assert result.report.interval is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": "ResNet"}, "There is no architecture 'ResNet'; choose one of BRNet"),
        ({"recipe": "slow"}, "There is no recipe 'slow'; choose one of fast"),
        ({"features": ("xy",)}, "There is no feature set 'xy'; choose one of"),
        ({"features": ()}, "No features were chosen"),
        ({"baselines": ("oracle",)}, "There is no baseline 'oracle'; choose one of mean"),
        ({"features": ("ef", "ef")}, "A feature set is named twice in ef, ef; name each once"),
    ],
)
def test_unknown_names_are_refused_in_a_sentence(table: Table, changes: dict, sentence: str) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        check(question(table, **changes))


def test_a_budget_too_small_is_refused_with_the_minimum(table: Table) -> None:
    with pytest.raises(BrnetError, match="ask for at least"):
        next(conduct(question(table, parameters=10), table, device="cpu"))


def test_a_constant_target_is_refused() -> None:
    table = read_table(
        ("formula,y\n" + "".join(f"Fe{i}O,2.5\n" for i in range(1, 30))).encode(), name="t.csv"
    )
    with pytest.raises(ExperimentError, match="training values of 'y' are equal: there is nothing to learn"):
        next(conduct(question(table, target="y"), table, device="cpu"))


def test_values_outside_the_bounds_are_refused_with_the_first(table: Table) -> None:
    bounded = Quantity(label="formation enthalpy", unit="kJ/mol", lower=0.0)
    with pytest.raises(ExperimentError, match="lie outside the bounds of a formation enthalpy, first -"):
        next(conduct(question(table, quantity=bounded), table, device="cpu"))


def test_the_interval_covers_its_share() -> None:
    residuals = np.arange(1.0, 100.0)
    assert conformal_half_width(residuals) == 90.0
    assert conformal_half_width(residuals[:5]) is None


def test_reports_are_json_without_surprises(events: list[Event]) -> None:
    assert json.loads(finished(events).report.model_dump_json())["rows"][0]["kind"] == "network"


def own_rows() -> Table:
    """Real alloys, each at two temperatures; what is learned depends on both, and some cells are missing."""
    rows = example_table().decode().splitlines()[1:160]
    lines = ["formula,T (K),route,y"]
    for number, (formula, value) in enumerate(row.split(",") for row in rows):
        lines.append(f"{formula},300,cast,{float(value):.2f}")
        lines.append(f"{formula},{'' if number % 9 == 0 else 900},forged,{float(value) - 60:.2f}")
    return read_table("\n".join(lines).encode(), name="aged.csv")


AGED = {"formula_column": "formula", "target": "y", "quantity": Quantity(label="y")}


def test_further_columns_are_inputs_and_are_asked_for(tmp_path: Path) -> None:
    table = own_rows()
    asked = question(table, **AGED, numbers=("T (K)",), categories=("route",), epochs=60)
    result = finished(list(conduct(asked, table, device="cpu", threads=1)))
    assert result.report.n_inputs == 86 + 2 + 2  # with the flag of a missing temperature and two routes
    save_result(result, tmp_path)
    predictor = load_predictor(tmp_path)
    cold, hot, unsaid = (
        look_up(predictor, ["FeAl"], own)[0]
        for own in ({"T (K)": "300", "route": "cast"}, {"T (K)": "900", "route": "forged"}, None)
    )
    assert cold.value - hot.value > 20
    assert any("T (K) was missing" in note for note in unsaid.notes)
    assert look_up(result.predictor, ["FeAl"], {"T (K)": "300", "route": "cast"})[0].value == pytest.approx(
        cold.value, rel=1e-5
    )


def test_a_table_without_formulas_is_learned(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 3))
    lines = ["a,b,c,y", *(f"{a:.4f},{b:.4f},{c:.4f},{2 * a - b:.4f}" for a, b, c in x)]
    table = read_table("\n".join(lines).encode(), name="plain.csv")
    asked = question(
        table,
        formula_column="",
        target="y",
        quantity=Quantity(label="y"),
        numbers=("a", "b", "c"),
        features=(),
        split="random",
        epochs=60,
        parameters=2_000,
    )
    result = finished(list(conduct(asked, table, device="cpu", threads=1)))
    assert result.report.network.scores["r2"] > 0.8
    save_result(result, tmp_path)
    (answer,) = look_up(load_predictor(tmp_path), ["sample 1"], {"a": "1", "b": "0", "c": "0"})
    assert answer.value == pytest.approx(2, abs=0.8)


def test_features_of_compositions_need_compositions(table: Table) -> None:
    asked = question(table, formula_column="", numbers=("x",), split="random")
    with pytest.raises(ExperimentError, match="describe compositions, and none are chosen"):
        check(asked)


def test_a_model_knows_the_compositions_that_it_learned_from(events: list[Event], table: Table) -> None:
    result = finished(events)
    tested = set(result.report.test_formulas)
    learned = [str(formula) for formula in table.frame["formula"] if formula not in tested]
    assert all(answer.learned for answer in look_up(result.predictor, learned[:20]))
    assert not any(answer.learned for answer in look_up(result.predictor, sorted(tested)[:20]))


def test_an_element_can_be_held_out(table: Table) -> None:
    asked = question(table, split="element", held_out="Fe", epochs=2)
    result = finished(list(conduct(asked, table, device="cpu", threads=1)))
    assert all("Fe" in read_formula(formula).elements for formula in result.report.test_formulas)
    assert look_up(result.predictor, ["FeAl"])[0].caution == "The model has never seen Fe."


def test_a_model_of_own_columns_beside_formulas_answers_without_features() -> None:
    table = own_rows()
    asked = question(table, **AGED, numbers=("T (K)",), features=(), epochs=2, split="random")
    result = finished(list(conduct(asked, table, device="cpu", threads=1)))
    (answer,) = look_up(result.predictor, ["FeAl"], {"T (K)": "300"})
    assert answer.value is not None
    assert not answer.learned


def test_recipes_that_scale_nothing_refuse_own_columns(table: Table) -> None:
    asked = question(table, numbers=("pressure (Pa)",), recipe="reference")
    with pytest.raises(ExperimentError, match="leaves inputs unscaled, as its authors do"):
        check(asked)
