"""A risk tier in words: its path, articles and reasons, and the answers that would change it."""

from collections.abc import Iterator, Sequence

from engine.bundle.vocabulary import STRICTEST_FIRST
from engine.deciding.other_answers import OtherAnswer
from engine.deciding.verdict import RiskTier
from reports.words.escape import clean


def risk_lines(risk: RiskTier) -> Iterator[str]:
    """How the tier was come to."""
    yield clean(f"  roles: {', '.join(risk.roles) or 'not known'}")
    yield clean(f"  path: {' > '.join(risk.path)}")
    yield clean(f"  articles: {', '.join(risk.articles) or 'none'}")
    for reason in risk.reasons:
        yield clean(f"  {reason}")


def other_answer_lines(risk: RiskTier, others: Sequence[OtherAnswer]) -> Iterator[str]:
    """What would change it, by the tier that follows; answers that would contradict the rest come last."""
    yield "what would change it, one answer at a time:"
    told = [tier for tier in STRICTEST_FIRST if tier not in ("undetermined", risk.tier)]
    for tier in told:
        for other in others:
            if other.risk.tier == tier:
                by = ", ".join(other.risk.articles)
                yield clean(f"  {tier}: {other.question} = {other.answer}{f' ({by})' if by else ''}")
    for other in others:
        if other.risk.tier == risk.tier:
            roles = ", ".join(other.risk.roles) or "not known"
            yield clean(f"  roles {roles}: {other.question} = {other.answer}")
    if not any(other.risk.tier in told for other in others):
        yield "  no other single answer leads to another tier that is told"
    open_ = [f"{other.question} = {other.answer}" for other in others if other.risk.tier == "undetermined"]
    if open_ and risk.tier != "undetermined":
        yield clean(f"  undetermined, as other answers would have to follow: {'; '.join(open_)}")
