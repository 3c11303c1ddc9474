"""How the columns and arrays of a table become the inputs of a model."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Number
from evidence.model.predicates.values import Range


class FeatureColumn(Frozen):
    """A model input from a data column: a number, or text mapped to numbers by `values`.

    `range` is the declared domain; `input` the ONNX input of the column where each column has its own.
    """

    name: str
    values: dict[str, Number] | None = None
    range: Range | None = None
    input: str | None = None
    text: bool = False


class ArrayInput(Frozen):
    """A model input from an array of an .npz file, one entry a row: an image, a series, the ids of tokens.

    What the graph gets is `(entry * scale - mean) / std`, where `mean` and `std` hold one number, or one a channel; the
    channels are the `first` or the `last` axis of an entry. `range` is the domain of the entries as they are stored.
    """

    name: str
    input: str | None = None
    range: Range | None = None
    scale: Number | None = None
    mean: tuple[Number, ...] | None = None
    std: tuple[Annotated[Number, Field(gt=0)], ...] | None = None
    channels: Literal["first", "last"] = "first"


class Features(Frozen):
    """How data become model inputs.

    `layout` tensor: one (rows, columns) tensor in this order. columns: an input a column; columns that name the same
    `input` make one (rows, columns) tensor in their order. arrays: an input an array of the .npz file.
    """

    layout: Literal["tensor", "columns", "arrays"]
    input: str | None = None
    columns: tuple[FeatureColumn, ...] = Field(default=(), max_length=4096)
    arrays: tuple[ArrayInput, ...] | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _consistent(self) -> "Features":
        if (self.layout == "arrays") != (self.arrays is not None) or (self.layout == "arrays") == bool(self.columns):
            raise ValueError("`arrays` lists what the layout arrays takes, and `columns` what the others take")
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the column `{twice[0]}` stands twice")
        if self.layout == "tensor" and any(column.text for column in self.columns):
            raise ValueError("a tensor of numbers cannot hold a text column; give it `values`")
        if any(column.text and column.values for column in self.columns):
            raise ValueError("a column is either `text` or mapped by `values`")
        return self

    @property
    def described(self) -> tuple[str, ...]:
        """Numbers by which drift and associations are told: the numeric columns, or mean and spread of each array."""
        if self.arrays is not None:
            return tuple(f"{item.name}:{what}" for item in self.arrays for what in ("mean", "sd"))
        return tuple(column.name for column in self.columns if not column.text)
