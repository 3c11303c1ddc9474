"""Groups of rows that are told apart, and how many cases each must have."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from evidence.model.base import Frozen, Int, Number


def _as_dimension(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Dimension(Frozen):
    """A column that splits the rows into groups; numbers are cut at `bins` (each edge opens a new group)."""

    column: str
    name: str = ""
    # Not strict: behind a validator a JSON list arrives as a list.
    bins: Annotated[tuple[Number, ...] | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _ordered(self) -> "Dimension":
        if self.bins is not None and (not self.bins or list(self.bins) != sorted(set(self.bins))):
            raise ValueError("`bins` are edges in rising order")
        if self.label.startswith("("):
            raise ValueError(f"`{self.label}`: names in brackets are those of periods and the like; give it another")
        return self

    @property
    def label(self) -> str:
        """Name in results."""
        return self.name or self.column

    @property
    def says(self) -> str:
        """The column and where it is cut, in words."""
        return f"{self.column} cut at {', '.join(f'{edge:g}' for edge in self.bins)}" if self.bins else self.column


Dimensions = tuple[Annotated[Dimension, BeforeValidator(_as_dimension, json_schema_input_type=Dimension | str)], ...]


class Protected(Frozen):
    """Protected attributes, and the sets of them whose combinations are audited too."""

    attributes: Dimensions = Field(min_length=1)
    intersections: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Protected":
        names = [item.label for item in self.attributes]
        if len(set(names)) < len(names):
            raise ValueError("an attribute stands twice")
        for group in self.intersections:
            unknown = sorted(set(group) - set(names))
            if unknown or len(set(group)) < 2:
                raise ValueError(f"an intersection joins two attributes or more of {', '.join(names)}")
        return self


class Smallest(Frozen):
    """Independent cases that a run, a slice or period, and each label in them must have: fewer are a gap, no number.

    A plan may ask for more than is usual, not for less.
    """

    run: Annotated[Int, Field(ge=50)] = 50
    slice: Annotated[Int, Field(ge=20)] = 20
    label: Annotated[Int, Field(ge=5)] = 5
