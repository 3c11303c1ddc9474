"""The lines of plain text that text, JUnit and SARIF share."""

from collections.abc import Iterator

from reports.documents.view import ControlView, finding_lines


def control_lines(control: ControlView, indent: str = "  ") -> Iterator[str]:
    """What is found against a control, the waiver that covers it, and what to do; facts of a finding are indented.

    Findings of several objectives that read alike here, such as that one record is missing, are told once.
    """
    for message, *facts in dict.fromkeys(tuple(finding_lines(finding)) for finding in control.findings):
        yield message
        yield from (f"{indent}{fact}" for fact in facts)
    if control.waiver:
        yield f"waiver: {control.waiver}"
    if control.findings:
        yield f"what to do: {control.remediation}"
