"""A risk tier in words: its path, articles and reasons, and the answers that would change it."""

from collections.abc import Iterator, Sequence

from engine.bundle.vocabulary import STRICTEST_FIRST
from engine.deciding.other_answers import OtherAnswer
from engine.deciding.questionnaires import Answered
from engine.deciding.verdict import RiskTier
from reports.words.escape import clean


def risk_lines(risk: RiskTier) -> Iterator[str]:
    """How the tier was come to."""
    yield clean(f"  roles: {', '.join(risk.roles) or 'not known'}")
    yield clean(f"  path: {' > '.join(risk.path)}")
    yield clean(f"  articles: {', '.join(risk.articles) or 'none'}")
    for reason in risk.reasons:
        yield clean(f"  {reason}")


def answered_lines(every: Sequence[Answered]) -> Iterator[str]:
    """Which questionnaire decides where several count; nothing where all say the same."""
    if len(every) < 2:
        return
    agree = len({item.tier for item in every}) == 1
    holds = "each comes to the same tier, and the roles of all of them count"
    yield f"  {len(every)} current questionnaires answer otherwise: {holds if agree else 'the strictest tier holds'}"
    for item in every:
        names = ", ".join(name[:19] for name in item.records)
        word = "decides" if item.decides else "stands beside it"
        by = f"signed by {', '.join(item.signers)}"
        otherwise = f", answers otherwise: {', '.join(item.otherwise)}" if item.otherwise else ""
        yield clean(f"    {names} ({by}) comes to {item.tier} and {word}{otherwise}")


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
