"""How a table is to be read: which columns hold what, and what happens where a composition repeats."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from brnet.errors import TableError
from brnet.materials.tables.mixture import Mixture

Task = Literal["regression", "classification"]
Repeats = Literal["all", "mean", "median", "lowest", "highest"]

REPEATS: dict[Repeats, str] = {
    "all": "Keep all rows",
    "mean": "Merge them: mean",
    "median": "Merge them: median",
    "lowest": "Keep the lowest value",
    "highest": "Keep the highest value",
}
"""What is done with several values of one composition; of two classes, any merging keeps the majority."""


class Reading(BaseModel):
    """One question's view of a table: materials, values, further inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    formula_column: str = Field("", description="Column of formulas; empty where there is none.")
    mixture: Mixture | None = Field(None, description="Columns of elements or oxides in place of formulas.")
    target: str = Field(description="Column of the values to learn.")
    task: Task | None = Field(None, description="None leaves it to what the column's cells look like.")
    numbers: tuple[str, ...] = Field((), description="Columns of numbers that are inputs too.")
    categories: tuple[str, ...] = Field((), description="Columns of categories that are inputs too.")
    repeats: Repeats = "all"

    @model_validator(mode="after")
    def _columns_have_one_role(self) -> Self:
        if self.formula_column and self.mixture:
            raise ValueError(
                f"Compositions come from the column {self.formula_column!r} or from columns of amounts, "
                "not from both; leave one out."
            )
        roles = [self.target, *self.input_columns]
        twice = next((name for name in roles if roles.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"The column {twice!r} is given two roles; leave one out.")
        return self

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The table's own columns that are inputs."""
        return self.numbers + self.categories

    @property
    def input_columns(self) -> tuple[str, ...]:
        """Every column that is an input, compositions first."""
        formulas = (self.formula_column,) if self.formula_column else ()
        return formulas + (self.mixture.columns if self.mixture else ()) + self.own_columns

    @property
    def has_compositions(self) -> bool:
        return bool(self.formula_column) or self.mixture is not None


def reading_of(**fields: object) -> Reading:
    """A reading of these fields. Raises TableError with the sentence why there can be none."""
    try:
        return Reading.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise TableError(str(first.get("ctx", {}).get("error", first["msg"]))) from error
