"""An organisation's own evidence type, `custom/penetration-test`, and a control and gate over it (docs/policies.md)."""

import json
from collections.abc import Mapping
from typing import Any

from engine.bundle.files import read_folder
from tests.worlds.policies import POLICIES

TYPE = "custom/penetration-test"
PATH = "schemas/custom/penetration-test.json"
SIGNERS = "access/signers.yaml"
RULE = f"  {TYPE}: {{signed_by: [compliance, auditor], not_by: [trainer, builder]}}\n"
GATE = "gate: attacked\ntitle: Attacked\nmeaning: A version was attacked from outside.\ndenies: [blocker]\n"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What a tester from outside found when attacking a version.",
    "x-classes": ["attested", "ingested"],
    "x-max-age": "P1Y",
    "x-about": {"model": "artifact_digest"},
    "additionalProperties": False,
    "required": ["artifact_digest", "tested_on", "tester", "grave_open"],
    "properties": {
        "artifact_digest": {"type": "string", "description": "Digest of the version that was attacked."},
        "tested_on": {"type": "string", "format": "date", "x-happened": True, "description": "Last day of the test."},
        "tester": {"type": "string", "description": "Firm that tested."},
        "grave_open": {"type": "integer", "minimum": 0, "description": "Grave weaknesses that are not mended."},
        "method": {"type": "string", "enum": ["black-box", "grey-box", "white-box"]},
        "again_at": {"type": "string", "format": "date-time"},
        "hosts": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["copy"],
                "properties": {
                    "copy": {"type": "string"},
                    "share": {"type": "number", "minimum": 0, "maximum": 1},
                    "json": {"type": "boolean"},
                },
            },
        },
    },
}
"""`copy` and `json` are names that a model of ours could not have."""
CONTROL = f"""\
# METADATA
# title: Attacked by somebody from outside
# description: A firm from outside attacked the version, and nothing grave that it found is left open.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [attacked]
#   evidence: [{TYPE}]
#   objectives:
#     nothing-grave-open: {{says: Each test of the version leaves no grave weakness open.}}
#   frameworks: {{}}
#   remediation: Mend what the test found to be grave, and have it tested again.
package controls.security_own.PEN_01

import data.lib.findings as say

tests := input.evidence["{TYPE}"]

satisfied contains "nothing-grave-open" if {{
	count(tests) > 0
	every test in tests {{ test.predicate.grave_open == 0 }}
}}

findings contains say.also(
	say.breach("nothing-grave-open", test, "grave_open", "{{observed}} grave weaknesses are open"),
	{{"observed": test.predicate.grave_open, "expected": 0}},
) if {{
	some test in tests
	test.predicate.grave_open > 0
}}
"""
CONTROL_PATH, CASES_PATH = "controls/security-own/PEN-01.rego", "controls/security-own/PEN-01_cases.yaml"
CASES = f"""\
base:
  gate: attacked
  evidence:
    {TYPE}: [{{artifact_digest: sha256:c, tested_on: "2026-11-02", grave_open: 0}}]
cases:
  - {{name: nothing grave is open, expect: pass}}
  - {{name: one is, expect: fail, change: {{{TYPE}/0/grave_open: 1}}}}
  - {{name: fewer than none, expect: refused, change: {{{TYPE}/0/grave_open: -1}}}}
  - {{name: a test that is to come, expect: missing, change: {{{TYPE}/0/tested_on: "2026-12-01"}}}}
  - {{name: of another version, expect: missing, change: {{{TYPE}/0/artifact_digest: sha256:e}}}}
  - {{name: signed by nobody who may, expect: missing, change: {{{TYPE}/0/signature: {{roles: [validator]}}}}}}
  - {{name: no test, expect: missing, evidence: {{}}}}
"""


def own_files(schema: Mapping[str, Any] | str | None = None, *, rule: str = RULE) -> dict[str, bytes]:
    """The shipped policies without their controls and gates, with the own type and what reads it."""
    shipped = {
        path: content
        for path, content in read_folder(POLICIES).items()
        if not path.startswith(("controls/", "gates/")) and not path.endswith(("_test.rego", "_cases.yaml"))
    }
    signers = shipped[SIGNERS].decode().replace("\nsigners:\n", f"\nsigners:\n{rule}")
    written = SCHEMA if schema is None else schema
    added = {
        PATH: written if isinstance(written, str) else json.dumps(written, indent=1),
        CONTROL_PATH: CONTROL,
        CASES_PATH: CASES,
        "gates/attacked.yaml": GATE,
        SIGNERS: signers,
    }
    return shipped | {path: text.encode() for path, text in added.items()}
