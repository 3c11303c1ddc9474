"""The lines of plain text that text, JUnit and SARIF share."""

from collections.abc import Iterator

from reports.documents.view import ControlView


def control_lines(control: ControlView, indent: str = "  ") -> Iterator[str]:
    """What is found against a control, the waiver that covers it, and what to do; facts of findings are indented."""
    for group in control.found:
        yield from group.told
        yield from (f"{indent}{name}: {value}" for name, value in group.facts)
    if control.waiver:
        yield f"waiver: {control.waiver}"
    if control.findings:
        yield f"what to do: {control.remediation}"
