"""The page of survivors: what METADATA lets the deletion and the corruption test pass, each with its reason."""

from collections.abc import Mapping

from engine.bundle.control import EXCEPTIONS, Control

_SAYS = {
    "may_be_empty": "may be absent",
    "may_be_false": "may be false",
    "may_differ": "may be any value",
    "may_stand_beside": "may contradict beside a good record",
}
_HEAD = """\
# What survives the tests of the policies

`quaestor policy test` takes away and falsifies whatever a control reads, and no pass may survive
([policies.md](policies.md#the-two-tests-that-a-policy-must-survive)). What may survive all the same is named in the
control, with its reason, and stands here. An exception that nothing needs is a mistake. Written by
`quaestor policy test --survivors docs/survivors.md`.

| control | path | | reason |
|---|---|---|---|
"""


def survivors_page(controls: Mapping[str, Control]) -> str:
    """The page in Markdown, one row an exception, by control and path."""
    rows = [
        (control.id, path, _SAYS[name], reason)
        for control in controls.values()
        for name in EXCEPTIONS
        for path, reason in getattr(control, name).items()
    ]
    return _HEAD + "".join(
        f"| {id_} | `{path}` | {says} | {_cell(reason)} |\n" for id_, path, says, reason in sorted(rows)
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
