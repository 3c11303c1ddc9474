"""What the output of a model means."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Int, Number
from evidence.validation.kinds import BINARY, LABELS, RANKING, SEVERAL, VALUE, Kind
from evidence.validation.plan.files import Word

MAX_CLASSES = 128
"""Each class has its own curve over the scores, so that memory grows with them."""


LARGEST_GRADE = 31
"""Of relevance: 2 to its power is still a whole number that everything counts."""


class Abstain(Frozen):
    """The safe response: `output` (the scored one where absent) holds `value` where a person must decide."""

    value: Number
    output: str | None = None


class IntervalOutput(Frozen):
    """The outputs that hold the ends of an interval around a value, and the share of cases that it is meant to hold."""

    low: str
    high: str
    level: Annotated[Number, Field(gt=0, lt=1)]


class Judged(Frozen):
    """How lists are judged: the first `cutoff` places count, a grade of `relevant` or more is relevant, and a grade is
    worth itself (`linear`) or 2 to its power, less one (`exponential`).
    """

    cutoff: Int = 10
    relevant: Number = 1.0
    gain: Literal["linear", "exponential"] = "linear"

    @property
    def says(self) -> str:
        """The definition in words, for the record."""
        return f"at {self.cutoff}, {self.gain} gain, relevant from {self.relevant:g}, ties averaged"


class Output(Frozen):
    """Which ONNX output holds the answer, and what it means.

    `kind` probability: the score of the positive class, `index` its column where the output has two axes; predicted
    positive from `threshold` up. `kind` label: the predicted class, positive where it equals `positive`.
    `kind` classes: a score for each of the `classes`, in the order of the output's columns; the first of the highest is
    the answer. `kind` class: the predicted class itself. `ids` are the model's own names of the classes, in their
    order, where those differ from the words of the label column. `kind` labels: a score for each label, any of which a
    row may have; given from `threshold` up, or from that of its own in `thresholds`. `kind` value: a number.
    `kind` ranking: a score by which the items of a query are put in order, the highest first. `cutoff` is how many of
    the first items count; an item is relevant from the grade `relevant` up; `gain` says what a grade is worth: itself,
    or two to its power, less one (10, 1 and linear where absent).
    `link` names what turns logits into probabilities. `favourable` is what a person wants to get: positive or negative,
    one of the `classes`, a label or `not LABEL`, or of a value higher or lower. Of labels the plan fills in `classes`.
    """

    name: str
    kind: Kind = "probability"
    index: Annotated[Int, Field(ge=0)] = 1
    threshold: Number = 0.5
    thresholds: Annotated[tuple[Number, ...] | None, Field(strict=False)] = None
    positive: Int | str = 1
    link: Literal["logistic", "softmax"] | None = None
    # Not strict: see `Dimension.bins`.
    classes: Annotated[tuple[Word, ...] | None, Field(strict=False, min_length=2, max_length=MAX_CLASSES)] = None
    ids: Annotated[tuple[Int | str, ...] | None, Field(strict=False)] = None
    interval: IntervalOutput | None = None
    quantile: Annotated[Number, Field(gt=0, lt=1)] | None = None
    cutoff: Annotated[Int, Field(ge=1, le=10_000)] | None = None
    relevant: Annotated[Number, Field(gt=0, le=LARGEST_GRADE)] | None = None
    gain: Literal["linear", "exponential"] | None = None
    favourable: Word | None = None
    abstain: Abstain | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Output":
        if self.kind not in ("probability", "labels") and self.threshold != 0.5:
            raise ValueError(f"a {self.kind} has no `threshold`")
        if self.thresholds is not None and (self.kind not in LABELS or self.threshold != 0.5):
            raise ValueError("`thresholds` are those of several labels, in their order, in the place of `threshold`")
        if self.kind not in BINARY and (self.index, self.positive) != (1, 1):
            raise ValueError("`index` and `positive` are for two classes")
        if self.link and self.kind not in ("probability", "classes", "labels"):
            raise ValueError(f"a {self.kind} has no `link`; it is for scores")
        if self.kind == "classes" and self.link == "logistic":
            raise ValueError("of several classes the link is `softmax`")
        if self.kind in LABELS and self.link == "softmax":
            raise ValueError("of several labels the link is `logistic`: each has a chance of its own")
        fields = (("classes", SEVERAL | LABELS), ("ids", SEVERAL), ("interval", VALUE), ("quantile", VALUE))
        for name, kinds in (*fields, ("cutoff", RANKING), ("relevant", RANKING), ("gain", RANKING)):
            if getattr(self, name) is not None and self.kind not in kinds:
                raise ValueError(f"a {self.kind} has no `{name}`")
        if self.kind in SEVERAL:
            self._check_classes()
        if self.kind in LABELS and self.classes is None:
            raise ValueError("`data.label` of a model that gives labels lists their columns, one a label")
        if self.kind in RANKING and self.abstain is not None:
            raise ValueError("a ranking has no `abstain`: an item that is left out has no place, and nobody sees it")
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
        if self.kind in RANKING:
            if self.favourable is not None:
                raise ValueError("a ranking has no `favourable`: the first place is what every item wants")
            return
        if self.kind in BINARY:
            known: tuple[Word, ...] = ("positive", "negative")
        else:
            known = ("higher", "lower") if self.kind in VALUE else (self.classes or ())
            known += tuple(f"not {word}" for word in known) if self.kind in LABELS else ()
        wanted = self.favourable is not None or self.kind in BINARY
        if wanted and self.favourable not in known:
            listed = ", ".join(f"`{word}`" for word in known[:20])
            raise ValueError(f"`favourable` is what a person wants to get: one of {listed}")

    @property
    def limits(self) -> tuple[float, ...]:
        """From where up each of several labels is given."""
        return self.thresholds or (self.threshold,) * len(self.words)

    @property
    def wanted(self) -> tuple[str, bool]:
        """Of several labels the one that fairness is about, and whether a person wants it."""
        word = str(self.favourable)
        return (word, True) if word in self.words else (word.removeprefix("not "), False)

    @property
    def judged(self) -> Judged:
        """How the lists of a ranking are judged."""
        given = {"cutoff": self.cutoff, "relevant": self.relevant, "gain": self.gain}
        return Judged(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    @property
    def words(self) -> tuple[str, ...]:
        """The classes as text, in the order of the model."""
        return tuple(str(word) for word in self.classes or ())
