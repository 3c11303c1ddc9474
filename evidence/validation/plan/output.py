"""What the output of a model means."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Int, Number
from evidence.validation.catalogue import BINARY, SEVERAL, VALUE, Kind
from evidence.validation.plan.files import Word

MAX_CLASSES = 128
"""Each class has its own curve over the scores, so that memory grows with them."""


class Abstain(Frozen):
    """The safe response: `output` (the scored one where absent) holds `value` where a person must decide."""

    value: Number
    output: str | None = None


class IntervalOutput(Frozen):
    """The outputs that hold the ends of an interval around a value, and the share of cases that it is meant to hold."""

    low: str
    high: str
    level: Annotated[Number, Field(gt=0, lt=1)]


class Output(Frozen):
    """Which ONNX output holds the answer, and what it means.

    `kind` probability: the score of the positive class, `index` its column where the output has two axes; predicted
    positive from `threshold` up. `kind` label: the predicted class, positive where it equals `positive`.
    `kind` classes: a score for each of the `classes`, in the order of the output's columns; the first of the highest is
    the answer. `kind` class: the predicted class itself. `ids` are the model's own names of the classes, in their
    order, where those differ from the words of the label column. `kind` value: a number.
    `link` names what turns logits into probabilities. `favourable` is what a person wants to get: positive or negative,
    one of the `classes`, or of a value higher or lower.
    """

    name: str
    kind: Kind = "probability"
    index: Annotated[Int, Field(ge=0)] = 1
    threshold: Number = 0.5
    positive: Int | str = 1
    link: Literal["logistic", "softmax"] | None = None
    # Not strict: see `Dimension.bins`.
    classes: Annotated[tuple[Word, ...] | None, Field(strict=False, min_length=2, max_length=MAX_CLASSES)] = None
    ids: Annotated[tuple[Int | str, ...] | None, Field(strict=False)] = None
    interval: IntervalOutput | None = None
    quantile: Annotated[Number, Field(gt=0, lt=1)] | None = None
    favourable: Word | None = None
    abstain: Abstain | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Output":
        if self.kind not in ("probability",) and self.threshold != 0.5:
            raise ValueError(f"a {self.kind} has no `threshold`")
        if self.kind not in BINARY and (self.index, self.positive) != (1, 1):
            raise ValueError("`index` and `positive` are for two classes")
        if self.link and self.kind not in ("probability", "classes"):
            raise ValueError(f"a {self.kind} has no `link`; it is for scores")
        if self.kind == "classes" and self.link == "logistic":
            raise ValueError("of several classes the link is `softmax`")
        for name, kinds in (("classes", SEVERAL), ("ids", SEVERAL), ("interval", VALUE), ("quantile", VALUE)):
            if getattr(self, name) is not None and self.kind not in kinds:
                raise ValueError(f"a {self.kind} has no `{name}`")
        if self.kind in SEVERAL:
            self._check_classes()
        self._check_favourable()
        return self

    def _check_classes(self) -> None:
        if self.classes is None:
            raise ValueError("`classes` is missing: what the label column calls each class, in the model's order")
        if len({str(word) for word in self.classes}) < len(self.classes):
            raise ValueError("a class stands twice in `classes`")
        if len({isinstance(word, str) for word in self.classes}) > 1:
            raise ValueError("`classes` are all text or all numbers")
        if self.ids is not None and (len(set(self.ids)), len(self.ids)) != (len(self.classes),) * 2:
            raise ValueError(
                "`ids` names each of the `classes` once, in their order; leave it out where the names are equal"
            )

    def _check_favourable(self) -> None:
        if self.kind in BINARY:
            known: tuple[Word, ...] = ("positive", "negative")
        else:
            known = ("higher", "lower") if self.kind in VALUE else (self.classes or ())
        wanted = self.favourable is not None or self.kind in BINARY
        if wanted and self.favourable not in known:
            listed = ", ".join(f"`{word}`" for word in known[:20])
            raise ValueError(f"`favourable` is what a person wants to get: one of {listed}")

    @property
    def words(self) -> tuple[str, ...]:
        """The classes as text, in the order of the model."""
        return tuple(str(word) for word in self.classes or ())
