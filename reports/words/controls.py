"""What a control asks, in sentences: of whom, since when, at what price, and on whose word."""

from collections.abc import Iterable

from engine.bundle.control import Control, Foreign
from engine.bundle.effective import Off
from engine.bundle.explanation import Explanation, ParameterRead, Since, TypeRead
from engine.bundle.facts import Message
from reports.words.wording import day_text, value_text

SEVERITY_WORDS = {
    "blocker": "blocker: its failure denies every gate of it",
    "major": "major: its failure denies the gates that say so (production and later ones)",
    "minor": "minor: its failure is told and denies no gate",
}
MODE_WORDS = {
    "auto": "decided from records alone",
    "hybrid": "presence, identity and dates are decided from records; the substance is the word of who signed",
    "attested": "the word of the person who signed: a signature is not a measurement",
}
SIGNED_WORDS = {
    "hybrid": "by signature: its substance is the word of who signed",
    "attested": "by signature: the word of who signed, which is no measurement",
}
"""What a pass is worth where no record can show the substance; by mode."""
SOURCE_WORDS = {
    "law": "the law sets it",
    "guidance": "from official guidance",
    "seed": "from the mission",
    "proposal": "a proposal of Quaestor, no law sets it",
    "organisation": "a rule of the organisation",
}
ALWAYS = "D-POL"
ADDED_WORD = "added by the overlay"
ADDED_TEXT = "the organisation's overlay; Quaestor's policies have no such control"


def asked_of(explanation: Explanation) -> str:
    """`every tier and role`, or those that it names."""
    control = explanation.control
    tiers = "every risk tier" if "any" in control.tiers else f"tiers {', '.join(control.tiers)}"
    roles = "every role" if "any" in control.roles else f"roles {', '.join(control.roles)}"
    return f"{tiers}, {roles}"


def foreign_text(foreign: Foreign) -> str:
    """Whose Rego answers for a foreign control, by which rules, and what its silence is worth."""
    silence = "its silence is no pass"
    if foreign.positive:
        silence = f"where it denies nothing, {foreign.positive} has to be true"
    if foreign.kind == "allow":
        silence = "it has to be true"
    if foreign.kind == "warn":
        silence = "what it says is advice, and no pass comes of it"
    return (
        f"foreign: the rule {foreign.query} of the pack {foreign.pack} ({foreign.origin}; {foreign.licence}) answers, "
        f"Rego of other people that OPA alone runs; {silence}"
    )


def since_text(since: Since) -> str:
    """From when it binds, with the dates of tiers that have their own."""
    if since.token == ALWAYS:
        return "always"
    by_tier = {tier: day for tier, day in since.by_tier.items() if day != since.date}
    own = "".join(f"; {tier} from {day_text(day)}" for tier, day in sorted(by_tier.items()))
    return f"from {day_text(since.date)}{own} ({since.token}: {since.meaning})"


def basis_text(explanation: Explanation) -> str:
    """Whether it is law, and for whom."""
    law = explanation.law
    if law is None:
        return explanation.control.basis
    tiers = "every tier" if "any" in law.tiers else f"tiers {', '.join(law.tiers)}"
    roles = "every role" if "any" in law.roles else f"roles {', '.join(law.roles)}"
    return (
        f"{explanation.control.basis} for {tiers} and {roles}, {since_text(law.since)}; a policy of the house elsewhere"
    )


def waiver_text(explanation: Explanation) -> str:
    """Who may waive it, and where nobody may."""
    if not explanation.waived_by:
        return "nobody may waive it"
    signers = f"a waiver is signed by one who holds {' or '.join(explanation.waived_by)}, and did not ask for it"
    return signers if explanation.control.waivable else f"{signers}; none holds where the control is law"


def off_text(control: Control, off: Off) -> str:
    """By whose word and why the organisation's overlay turns a control off, and where it stays on."""
    with_pack = f", with the pack {off.pack}" if off.pack else ""
    by = f", approved by {off.approver}" if off.approver else ""
    stays = "; judged all the same where it is law and nobody may waive it" * (control.law_scope is not None)
    until = f" until {day_text(off.until)}" if off.until else ""
    return f"switched off in the organisation's overlay{until}{with_pack}{by}: {off.reason}{stays}"


def parameter_text(parameter: ParameterRead) -> str:
    """Its value, what it means, and how far it may be moved."""
    usual = "" if parameter.value == parameter.usual else f" instead of {value_text(parameter.usual)}"
    floor = ""
    if parameter.stricter:
        entries = parameter.unit == "list"
        floor = "; entries may be added, none taken away" if entries else f"; may only become {parameter.stricter}"
    unit = "" if parameter.unit in ("list", "map", "text", "switch") else f" ({parameter.unit})"
    source = SOURCE_WORDS.get(parameter.source, parameter.source)
    return f"{value_text(parameter.value)}{unit}{usual}: {parameter.meaning} {source[:1].upper()}{source[1:]}{floor}."


def type_text(read: TypeRead) -> str:
    """What a type is, of which classes, how old at most, and who signs."""
    parts = [f"class {' or '.join(read.classes)}"]
    if read.max_age:
        parts.append(f"at most {read.max_age} old")
    if read.signed_by:
        apart = f", and not by who was {' or '.join(read.not_by)}" if read.not_by else ""
        parts.append(f"signed by {' or '.join(read.signed_by)}{apart}")
    return f"{read.meaning.rstrip('.')} ({'; '.join(parts)})"


def message_text(message: Message) -> str:
    """What a finding says, and what it makes of the objective."""
    return f"{'leaves it open' if message.gap else 'fails it'}: {message.text}"


def gates_text(gates: Iterable[str]) -> str:
    """`validation, staging`."""
    return ", ".join(gates)
