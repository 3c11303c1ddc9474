"""What is said of records that are there and that a control does not see."""

from collections.abc import Iterable

from engine.proofs.sight import Aside
from reports.words.escape import clean
from reports.words.wording import plural

MOST_TOLD = 3


def aside_text(item: Aside) -> str:
    """Why a record is set aside, as `evidence list` says it: `apart: signed by eli: …`."""
    return clean(f"{item.reason}: {item.detail}")


def asides_text(items: Iterable[Aside]) -> str:
    """`1 record set aside: apart: signed by eli: …`; empty for none. The same reason of several is told once."""
    found = list(items)
    told = list(dict.fromkeys(map(aside_text, found)))
    more = f"; {len(told) - MOST_TOLD} more reasons" if len(told) > MOST_TOLD else ""
    return f"{plural(len(found), 'record')} set aside: {'; '.join(told[:MOST_TOLD])}{more}" if found else ""


def of_types(items: Iterable[Aside], kinds: Iterable[str]) -> list[Aside]:
    """Those of some evidence types."""
    wanted = set(kinds)
    return [item for item in items if item.type in wanted]
