"""State changes: each happens once, for the attempt that it means."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from brnet.runs import jobs
from brnet.runs.database import epochs_of, get_run, list_runs, rows_of, submit
from brnet.training.report import Row

AT_ONCE = timedelta(0)

DRAIN = """
from brnet.runs.jobs import claim, finish, queue
while waiting := queue():
    for job in waiting:
        if claim(job.id, job.attempt, "worker"):
            print(job.id, flush=True)
            assert finish(job.id, job.attempt)
"""


def drained_by(n_processes: int, n_jobs: int, experiment) -> Counter[str]:
    for _ in range(n_jobs):
        submit(experiment, dataset_name="table")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", DRAIN], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
        )
        for _ in range(n_processes)
    ]
    claims = [worker.communicate()[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * n_processes
    return Counter(run_id for claimed in claims for run_id in claimed)


def test_four_processes_claim_each_of_60_jobs_once(home, experiment):
    claims = drained_by(4, 60, experiment)
    assert len(claims) == 60
    assert set(claims.values()) == {1}


@pytest.mark.slow
def test_eight_processes_claim_each_of_400_jobs_once(home, experiment):
    claims = drained_by(8, 400, experiment)
    assert len(claims) == 400
    assert set(claims.values()) == {1}
    assert {run.state for run in list_runs(1000)} == {"finished"}


@pytest.fixture
def run_id(home, experiment) -> str:
    return submit(experiment, dataset_name="table")


@pytest.fixture
def running(run_id) -> str:
    assert jobs.claim(run_id, 1, "worker")
    return run_id


def test_a_claim_starts_the_run(running):
    run = get_run(running)
    assert (run.state, run.attempt) == ("running", 1)
    assert run.created <= run.started


def test_a_job_is_claimed_once(running):
    assert not jobs.claim(running, 1, "another")


def test_a_claim_for_another_attempt_is_refused(run_id):
    assert not jobs.claim(run_id, 2, "worker")
    assert get_run(run_id).state == "queued"


def test_jobs_of_one_owner_are_served_in_order(home, experiment):
    ids = [submit(experiment, dataset_name="table") for _ in range(5)]
    assert [job.id for job in jobs.queue()] == ids
    assert [job.id for job in jobs.queue(2)] == ids[:2]


def test_owners_take_turns(home, experiment):
    ann = [submit(experiment, dataset_name="table", owner="ann") for _ in range(3)]
    bob = [submit(experiment, dataset_name="table", owner="bob") for _ in range(2)]
    assert [job.id for job in jobs.queue()] == [ann[0], bob[0], ann[1], bob[1], ann[2]]


def test_an_owner_with_a_run_in_training_lets_others_go_first(home, experiment):
    ann = [submit(experiment, dataset_name="table", owner="ann") for _ in range(2)]
    bob = submit(experiment, dataset_name="table", owner="bob")
    jobs.claim(ann[0], 1, "worker")
    assert [job.id for job in jobs.queue()] == [bob, ann[1]]


def test_a_lost_attempt_can_write_nothing_more(running, began, epoch):
    assert jobs.give_back(running, 1)
    assert jobs.claim(running, 2, "another")
    row = Row(name="mean", kind="baseline", scores={}, valid_scores={}, seconds=0.0)
    assert not jobs.beat(running, 1)
    assert not jobs.begin(running, 1, began)
    assert not jobs.append_epochs(running, 1, [epoch(1)])
    assert not jobs.add_row(running, 1, row)
    assert not jobs.finish(running, 1)
    assert not jobs.fail(running, 1, "no")
    assert not jobs.end_cancelled(running, 1)
    assert jobs.wish_of(running, 1) is None
    assert (get_run(running).state, epochs_of(running)["epoch"], rows_of(running)) == ("running", [], [])


def test_an_ended_run_does_not_end_again(running):
    assert jobs.finish(running, 1)
    assert not jobs.fail(running, 1, "too late")
    assert not jobs.wish_cancel(running)
    assert (get_run(running).state, get_run(running).message) == ("finished", "")


def test_beginning_again_forgets_what_came_after_the_checkpoint(running, began, epoch):
    jobs.begin(running, 1, began)
    jobs.append_epochs(running, 1, [epoch(number) for number in range(1, 9)])
    jobs.add_row(running, 1, Row(name="mean", kind="baseline", scores={}, valid_scores={}, seconds=0.0))
    jobs.give_back(running, 1)
    jobs.claim(running, 2, "another")
    assert jobs.begin(running, 2, began, after=5)
    assert epochs_of(running)["epoch"] == [1, 2, 3, 4, 5]
    assert rows_of(running) == []
    assert get_run(running).epoch == 5
    assert get_run(running).seconds_left == pytest.approx(15 * 0.5)


def test_only_a_silent_job_is_put_back(home, experiment):
    ids = [submit(experiment, dataset_name="table") for _ in range(2)]
    for run_id in ids:
        jobs.claim(run_id, 1, "worker")
    assert jobs.requeue_silent(timedelta(seconds=15)) == 0
    assert jobs.requeue_silent(AT_ONCE) == 2
    assert [(get_run(run_id).state, get_run(run_id).attempt) for run_id in ids] == [("queued", 2)] * 2


def test_the_third_loss_in_a_row_fails_the_run(running):
    for attempt in (1, 2):
        jobs.requeue_silent(AT_ONCE)
        assert jobs.claim(running, attempt + 1, "worker")
    jobs.requeue_silent(AT_ONCE)
    run = get_run(running)
    assert run.state == "failed"
    assert run.message == "The training process was lost 3 times in a row; see the log of the run."
    assert run.ended is not None


def test_a_checkpoint_counts_losses_anew(running):
    for attempt in range(1, 6):
        assert jobs.checkpointed(running, attempt)
        assert jobs.requeue_silent(AT_ONCE) == 1
        assert jobs.claim(running, attempt + 1, "worker")


def test_a_job_given_back_is_not_a_loss(running):
    for attempt in range(1, 6):
        assert jobs.give_back(running, attempt)
        assert jobs.claim(running, attempt + 1, "worker")


def test_a_lost_run_that_was_to_be_cancelled_is_cancelled(running):
    jobs.wish_cancel(running)
    jobs.give_back(running, 1)
    assert get_run(running).state == "cancelled"


def test_cancel_comes_before_finish(running):
    assert jobs.wish_finish(running)
    assert jobs.wish_of(running, 1) == "finish"
    assert jobs.wish_cancel(running)
    assert not jobs.wish_finish(running)
    assert jobs.wish_of(running, 1) == "cancel"
