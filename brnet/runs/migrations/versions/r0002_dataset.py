"""The table that a run was trained on, in a column of its own: the runs of a dataset are found by it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("dataset", sa.String(64), nullable=False, server_default=""))
    op.create_index("jobs_by_dataset", "jobs", ["dataset"])
    jobs = sa.table("jobs", sa.column("id"), sa.column("experiment"), sa.column("dataset"))
    connection = op.get_bind()
    for run, experiment in connection.execute(sa.select(jobs.c.id, jobs.c.experiment)).all():
        dataset = json.loads(experiment)["dataset"]
        connection.execute(sa.update(jobs).where(jobs.c.id == run).values(dataset=dataset))


def downgrade() -> None:
    op.drop_index("jobs_by_dataset", "jobs")
    op.drop_column("jobs", "dataset")
