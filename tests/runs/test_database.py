"""What pages and the command line see of a run."""

import itertools
import math
from datetime import UTC, datetime, timedelta

import pytest

from brnet.errors import BrnetError, NotFoundError
from brnet.runs import jobs
from brnet.runs.database import (
    delete_run,
    epochs_of,
    find_answer,
    get_run,
    list_runs,
    report_of,
    request_cancel,
    request_finish,
    rows_of,
    submit,
)
from brnet.runs.store import run_folder
from brnet.training.report import Report, Row


@pytest.fixture
def run_id(home, experiment) -> str:
    return submit(experiment, dataset_name="gaps.csv", title="My run", owner="ann")


@pytest.fixture
def running(run_id, began) -> str:
    jobs.claim(run_id, 1, "worker")
    jobs.begin(run_id, 1, began)
    return run_id


def test_a_submitted_run_waits_with_all_that_was_asked(run_id, experiment):
    run = get_run(run_id)
    assert (run.state, run.attempt, run.queue_position) == ("queued", 1, 1)
    assert run.experiment == experiment
    assert (run.dataset_name, run.title, run.owner) == ("gaps.csv", "My run", "ann")
    assert (run.began, run.epoch, run.epochs, run.seconds_left) == (None, 0, None, None)


def test_a_run_without_a_title_is_called_after_its_question(home, experiment):
    run = get_run(submit(experiment, dataset_name="gaps.csv"))
    assert run.title == "BRNet: value of gaps.csv"


def test_moments_are_in_utc(run_id):
    created = get_run(run_id).created
    assert created.tzinfo is UTC
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=5)


def test_the_queue_position_counts_the_runs_ahead(home, experiment):
    ids = [submit(experiment, dataset_name="table") for _ in range(3)]
    jobs.claim(ids[0], 1, "worker")
    assert [get_run(run_id).queue_position for run_id in ids] == [None, 1, 2]


def test_runs_are_listed_newest_first(home, experiment):
    ids = [submit(experiment, dataset_name="table", owner=owner) for owner in ("ann", "bob", "ann")]
    assert [run.id for run in list_runs()] == ids[::-1]
    assert [run.id for run in list_runs(1)] == ids[-1:]
    assert [run.id for run in list_runs(owner="ann")] == [ids[2], ids[0]]


def test_an_unknown_run_is_refused(home):
    with pytest.raises(NotFoundError, match=r"^There is no run 'nothere1' here; it may have been deleted\.$"):
        get_run("nothere1")


def test_what_is_trained_is_known_once_training_began(running, began):
    run = get_run(running)
    assert run.began == began
    assert (run.epochs, run.seconds_left) == (20, None)


def test_the_time_left_is_that_of_the_epochs_left(running, epoch):
    jobs.append_epochs(running, 1, [epoch(1, seconds=2.0), epoch(2, seconds=6.0)])
    run = get_run(running)
    assert run.epoch == 2
    assert run.seconds_left == pytest.approx(18 * 3.0)


def test_curves_come_back_as_they_were_written(running, epoch):
    jobs.append_epochs(running, 1, [epoch(1), epoch(2)])
    jobs.append_epochs(running, 1, [epoch(3)])
    assert epochs_of(running) == {
        "epoch": [1, 2, 3],
        "train_loss": [1, 1 / 2, 1 / 3],
        "valid_loss": [2, 1, 2 / 3],
        "valid_error": [3, 3 / 2, 1],
        "learning_rate": [1e-3] * 3,
    }


def test_long_curves_are_thinned_evenly_between_the_first_and_last_epoch(running, epoch):
    jobs.append_epochs(running, 1, [epoch(number) for number in range(1, 1203)])
    shown = epochs_of(running, most=100)["epoch"]
    steps = {after - before for before, after in itertools.pairwise(shown)}
    assert (shown[0], shown[-1], len(shown)) == (1, 1202, 100)
    assert steps <= {12, 13}


def test_a_diverged_loss_comes_back_as_nan_or_infinity(running, epoch):
    jobs.append_epochs(running, 1, [epoch(1, train_loss=math.nan, valid_loss=math.inf)])
    curves = epochs_of(running)
    assert math.isnan(curves["train_loss"][0])
    assert curves["valid_loss"] == [math.inf]


def test_the_leaderboard_keeps_its_order_and_its_missing_scores(running):
    network = Row(
        name="BRNet", kind="network", scores={"mae": 0.1}, valid_scores={}, seconds=3.0, predictions=(1.0,)
    )
    mean = Row(name="mean", kind="baseline", scores={"r2": math.nan}, valid_scores={}, seconds=0.1)
    jobs.add_row(running, 1, network)
    jobs.add_row(running, 1, mean)
    first, second = rows_of(running)
    assert first == network.model_copy(update={"predictions": ()})
    assert second.name == "mean"
    assert math.isnan(second.scores["r2"])


def test_cancelling_a_waiting_run_is_immediate(run_id):
    assert request_cancel(run_id)
    run = get_run(run_id)
    assert (run.state, run.queue_position) == ("cancelled", None)
    assert run.ended is not None
    assert not jobs.claim(run_id, 1, "worker")


def test_cancelling_a_run_in_training_asks_its_worker(running):
    assert request_cancel(running)
    assert (get_run(running).state, get_run(running).stopping) == ("running", True)
    assert jobs.wish_of(running, 1) == "cancel"


def test_a_cancelled_run_keeps_its_curves(running, epoch):
    jobs.append_epochs(running, 1, [epoch(1)])
    jobs.end_cancelled(running, 1)
    assert epochs_of(running)["epoch"] == [1]


def test_requests_to_an_ended_run_change_nothing(running):
    jobs.finish(running, 1)
    assert not request_cancel(running)
    assert not request_finish(running)
    assert get_run(running).state == "finished"


def test_only_a_run_in_training_can_finish_early(run_id, began):
    assert not request_finish(run_id)
    jobs.claim(run_id, 1, "worker")
    assert request_finish(run_id)
    assert jobs.wish_of(run_id, 1) == "finish"


@pytest.mark.parametrize("request_of", [request_cancel, request_finish, delete_run])
def test_requests_to_an_unknown_run_are_refused(home, request_of):
    with pytest.raises(NotFoundError, match="There is no run 'nothere1' here"):
        request_of("nothere1")


def test_a_deleted_run_leaves_nothing(running, epoch):
    jobs.append_epochs(running, 1, [epoch(1)])
    jobs.finish(running, 1)
    run_folder(running).mkdir(parents=True)
    (run_folder(running) / "report.json").write_text("{}")
    delete_run(running)
    assert list_runs() == []
    assert epochs_of(running)["epoch"] == []
    assert not run_folder(running).exists()


def test_a_run_in_training_is_not_deleted(running):
    with pytest.raises(BrnetError, match=r"^Run 'My run' is still training; cancel it before deleting it\.$"):
        delete_run(running)
    assert get_run(running).state == "running"


def test_the_same_question_finds_its_answer(running, experiment):
    assert find_answer(experiment) is None
    jobs.finish(running, 1)
    assert find_answer(experiment).id == running
    assert find_answer(experiment.model_copy(update={"seed": 1})) is None


def test_the_report_is_read_from_the_run_folder(running, experiment):
    assert report_of(running) is None
    report = Report(
        experiment=experiment,
        dataset_name="gaps.csv",
        n_rows=60,
        n_dropped=0,
        n_train=48,
        n_valid=6,
        n_test=6,
        n_inputs=231,
        n_parameters=199_000,
        epochs=20,
        best_epoch=18,
        seconds=1.0,
        device="cpu",
        versions={},
        rows=(),
        test_formulas=(),
        test_values=(),
    )
    run_folder(running).mkdir(parents=True)
    (run_folder(running) / "report.json").write_text(report.model_dump_json())
    assert report_of(running) == report
