"""Two engines asked the same; where they differ, the answer is an error, and so never a pass."""

from engine.backends.base import DISAGREEMENT, INCOMPARABLE, Answer, AnswerState, RegoEngine, failed
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError


class CrossCheckEngine(RegoEngine):
    """Evaluates on two engines that share no code and answers only where both give the same canonical bytes."""

    def __init__(self, first: RegoEngine, second: RegoEngine) -> None:
        self.first, self.second = first, second
        self.name = f"{first.name}+{second.name}"
        self.version = f"{first.version}+{second.version}"

    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        one = self.first.evaluate(rules, input_json, data_json, group=group)
        other = self.second.evaluate(rules, input_json, data_json, group=group)
        return {rule: self._agreed(one[rule], other[rule]) for rule in rules}

    def _agreed(self, one: Answer, other: Answer) -> Answer:
        if one.state is AnswerState.ERROR or other.state is AnswerState.ERROR:
            return one if one.state is AnswerState.ERROR else other
        if one.state is not other.state:
            return failed(DISAGREEMENT)
        forms = _form(one), _form(other)
        if None in forms:
            return failed(INCOMPARABLE)
        return one if forms[0] == forms[1] else failed(DISAGREEMENT)

    def close(self) -> None:
        try:
            self.first.close()
        finally:
            self.second.close()


def _form(answer: Answer) -> bytes | None:
    """Canonical bytes of an answer; sets come as lists whose order is the engine's own, so lists of answers are sorted.

    None for an answer without one (a number past 2^53): two such answers may differ unseen.
    """
    value = answer.value
    try:
        if isinstance(value, dict) and {"satisfied", "findings"} <= set(value):
            value = {**value, **{name: sorted(map(canonical_bytes, value[name])) for name in ("satisfied", "findings")}}
            return b"\n".join([canonical_bytes(value.get("applies")), *value["satisfied"], b"", *value["findings"]])
        return canonical_bytes(value)
    except (QuaestorError, TypeError):
        return None
