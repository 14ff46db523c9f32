"""The first tables: jobs, their epochs, their leaderboards."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(8), nullable=False, unique=True),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("wish", sa.String(6), nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("dataset_name", sa.Text, nullable=False),
        sa.Column("experiment", sa.Text, nullable=False),
        sa.Column("experiment_key", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("started", sa.DateTime),
        sa.Column("ended", sa.DateTime),
        sa.Column("heartbeat", sa.DateTime),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("began", sa.Text),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_by_state", "jobs", ["state", "number"])
    op.create_index("jobs_by_key", "jobs", ["experiment_key"])
    op.create_table(
        "epochs",
        sa.Column("run", sa.String(8), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("train_loss", sa.Float),
        sa.Column("valid_loss", sa.Float),
        sa.Column("valid_error", sa.Float),
        sa.Column("learning_rate", sa.Float),
        sa.Column("seconds", sa.Float),
    )
    op.create_table(
        "rows",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run", sa.String(8), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("row", sa.Text, nullable=False),
    )
    op.create_index("ix_rows_run", "rows", ["run"])


def downgrade() -> None:
    op.drop_table("rows")
    op.drop_table("epochs")
    op.drop_table("jobs")
