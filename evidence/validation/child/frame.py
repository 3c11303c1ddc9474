"""Rows that the tests of the battery look at again: a random sample of bounded size, with what the model said of them.

One pass over the data counts what can be counted row by row; what compares rows, asks the model anew or sorts them
needs the rows themselves. Sandboxed child only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.answers import Answer
from evidence.validation.child.identity import row_keys
from evidence.validation.child.rows import Labels
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.session import Inputs
from evidence.validation.measures.copies import Keys, coarser
from evidence.validation.measures.tally import Codes

FRAME_ROWS = 20_000
"""Rows of a frame: intervals of a share are then below one percentage point."""
FRAME_BYTES = 1 << 28
"""What the numbers of a frame may take: of wide rows there are fewer."""
LEAST_ROWS = 500
_ANSWER = "answer "
_CASES = "cases"
_GROUP = "group "
_TEXT = "text "


@dataclass(frozen=True)
class Frame:
    """Rows of a table, in their order. `groups` holds the code of each row in each dimension, -1 where it is unknown.

    `answer` is what the model said of them; None where it was not asked. `of` is the number of rows that these are a
    sample of. Rows of one of the `cases` (rows,) are copies of each other, or of one cluster where the plan names some
    and these say that there are fewer cases.
    """

    inputs: Inputs
    labels: Labels
    groups: Mapping[str, Codes]
    answer: Answer | None
    of: int
    cases: Keys

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: NDArray[np.integer[Any]] | NDArray[np.bool_]) -> "Frame":
        """The rows of a mask or of indexes; `of` stays."""
        answer = None if self.answer is None else taken(self.answer, rows)
        return replace(
            self,
            inputs=self.inputs.take(rows),
            labels=self.labels[rows],
            groups={name: codes[rows] for name, codes in self.groups.items()},
            answer=answer,
            cases=self.cases[rows],
        )


class FrameSample:
    """Takes the sample while the rows stream by; where it is to be `whole`, of the rows without a missing number."""

    def __init__(self, seed: int, *, whole: bool = False) -> None:
        self._seed = seed
        self._whole = whole
        self._kept: RowSample | None = None
        self._shapes: tuple[tuple[int, ...], ...] = ()

    def update(
        self, inputs: Inputs, labels: Labels, groups: Mapping[str, Codes], answer: Answer | None, cases: Keys
    ) -> None:
        """Offers a batch: inputs, labels, group codes (rows,) each, what the model said, and each row's case."""
        if self._whole and (gaps := np.isnan(inputs.numbers).any(axis=1)).any():
            inputs, labels, cases = inputs.take(~gaps), labels[~gaps], cases[~gaps]
            groups = {name: codes[~gaps] for name, codes in groups.items()}
            answer = None if answer is None else taken(answer, ~gaps)
        if self._kept is None:
            width = max(1, inputs.numbers[:1].nbytes)
            self._kept = RowSample(max(LEAST_ROWS, min(FRAME_ROWS, FRAME_BYTES // width)), self._seed)
            self._shapes = inputs.shapes
        columns: dict[str, NDArray[Any]] = {"numbers": inputs.numbers, "labels": labels, _CASES: cases}
        columns |= {_TEXT + name: text for name, text in inputs.texts.items()}
        columns |= {_GROUP + name: codes for name, codes in groups.items()}
        columns |= {_ANSWER + name: part for name, part in _parts(answer).items()}
        self._kept.update(self._kept.seen, columns)

    def frame(self) -> Frame | None:
        """The sample; None where no row was offered."""
        if self._kept is None or not self._kept.seen:
            return None
        columns: dict[str, NDArray[Any]] = self._kept.columns()
        said: dict[str, Any] = {
            name.removeprefix(_ANSWER): part for name, part in columns.items() if name.startswith(_ANSWER)
        }
        inputs = Inputs(columns["numbers"], _named(columns, _TEXT), self._shapes)
        return Frame(
            inputs=inputs,
            labels=columns["labels"],
            groups=_named(columns, _GROUP),
            answer=Answer(outputs=(), **said) if said else None,
            of=self._kept.seen,
            cases=coarser(columns[_CASES], row_keys(inputs, columns["labels"])),
        )


def _named(columns: Mapping[str, NDArray[Any]], start: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(start): part for name, part in columns.items() if name.startswith(start)}


def _parts(answer: Answer | None) -> dict[str, Any]:
    """The arrays of an answer that have an entry a row; the graph's own outputs are left behind."""
    found = {field.name: getattr(answer, field.name) for field in fields(Answer)} if answer else {}
    return {name: part for name, part in found.items() if isinstance(part, np.ndarray)}


def taken(answer: Answer, rows: NDArray[Any]) -> Answer:
    """What was said of the rows of a mask or of indexes."""
    return Answer(outputs=(), **{name: part[rows] for name, part in _parts(answer).items()})
