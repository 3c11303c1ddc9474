"""Foreign packs over `custom/penetration-test`, as conftest, Gatekeeper and Conforma have them written."""

from engine.bundle.load import Bundle, bundle_from_files
from tests.worlds.own_types import CASES_PATH, CONTROL_PATH, TYPE, own_files

MAPPING = "foreign/attacks/mapping.yaml"
REGO = "foreign/attacks/attacks.rego"
GATEKEEPER, CONFORMA = "foreign/gate-keeping/mapping.yaml", "foreign/releases/mapping.yaml"

CONFTEST_REGO = """\
package main

import rego.v1

deny contains msg if {
	input.grave_open > 0
	days := input.grave_open / 7
	msg := sprintf("%v left %d grave weaknesses open (%.1f each day)", [input.tester, input.grave_open, days])
}

warn contains msg if {
	not input.method
	msg := "the method of the attack is not told"
}

complete if {
	count(input.tester) > 2
	startswith(input.tested_on, "20")
}

default allow := false

allow if input.grave_open == 0

maybe if input.grave_open == 0
"""
CONFTEST = f"""\
pack: attacks
origin: https://example.org/policies at commit 3f2a9c1
licence: Apache-2.0
rego_version: v1
controls:
  ATT-01:
    title: The attack left nothing grave open
    family: security-foreign
    severity: blocker
    gates: [attacked]
    evidence: [{TYPE}]
    kind: deny
    query: main.deny
    positive: main.complete
    remediation: Mend what the test found, and have it tested again.
  ATT-02:
    title: The method of the attack is told
    family: security-foreign
    severity: minor
    gates: [attacked]
    evidence: [{TYPE}]
    kind: warn
    query: main.warn
    remediation: Say in the record how it was attacked.
"""
GATEKEEPER_REGO = """\
package attacklimits

violation[{"msg": msg, "details": {"over": over}}] {
	over := input.review.object.grave_open - input.parameters.most
	over > 0
	msg := sprintf("%v weaknesses more than <%v> allows", [over, input.parameters.most])
}
"""
GATEKEEPER_MAPPING = f"""\
pack: gate-keeping
origin: written for these tests
licence: Apache-2.0
rego_version: v0
controls:
  GKP-01:
    title: No more open than the constraint says
    family: security-foreign
    severity: blocker
    gates: [attacked]
    evidence: {{{TYPE}: {{class: attested, max_age: P90D}}}}
    kind: violation
    query: attacklimits.violation
    input:
      review: {{object: $content, kind: {{kind: Attack}}, by: $record.issuer}}
      parameters: {{most: $parameters.min_group_size, listed: [$now, $gate, 2]}}
    parameters: [min_group_size]
    remediation: Mend as many as are over the limit.
"""
CONFORMA_REGO = """\
#
# METADATA
# title: Release
package release.attacks

import data.lib
import rego.v1

# METADATA
# title: By a firm that is known
deny contains result if {
	not input.tester in data.rule_data.firms
	result := lib.result("attacks.firm", [input.tester])
}

known if input.tester in data.rule_data.firms
"""
CONFORMA_LIB = """\
package lib

import rego.v1

result(code, terms) := {"code": code, "msg": sprintf("%q is no firm of ours", terms), "effective_on": "2022-01-01"}
"""
CONFORMA_MAPPING = f"""\
pack: releases
origin: written for these tests
licence: Apache-2.0
rego_version: v1
controls:
  REL-01:
    title: Attacked by a firm that is known
    family: security-foreign
    severity: blocker
    gates: [attacked]
    evidence: [{TYPE}]
    kind: deny
    query: release.attacks.deny
    positive: release.attacks.known
    input: {{tester: $content.tester}}
    remediation: Have one of the known firms attack it.
"""
CASES = f"""\
base:
  gate: attacked
  evidence:
    {TYPE}: [{{artifact_digest: sha256:c, tested_on: "2026-11-02", tester: Attackers Ltd, grave_open: 0}}]
cases:
  - {{name: nothing grave is open, expect: pass}}
  - {{name: two are, expect: fail, change: {{{TYPE}/0/grave_open: 2}}}}
  - {{name: nobody says so, expect: missing, change: {{{TYPE}/0/tester: Ab}}}}
  - {{name: no test, expect: missing, evidence: {{}}}}
"""
WARN_CASES = f"""\
base:
  gate: attacked
  evidence:
    {TYPE}: [{{artifact_digest: sha256:c, tested_on: "2026-11-02", tester: Attackers Ltd, grave_open: 0}}]
cases:
  - {{name: not told, expect: fail}}
  - {{name: told, expect: missing, change: {{{TYPE}/0/method: black-box}}}}
"""
PACKS = {
    MAPPING: CONFTEST,
    REGO: CONFTEST_REGO,
    "foreign/attacks/attacks_test.rego": "package main\n\ntest_theirs if false\n",
    "foreign/attacks/ATT-01_cases.yaml": CASES,
    "foreign/attacks/ATT-02_cases.yaml": WARN_CASES,
}
MORE_PACKS = {
    GATEKEEPER: GATEKEEPER_MAPPING,
    "foreign/gate-keeping/src/limits.rego": GATEKEEPER_REGO,
    CONFORMA: CONFORMA_MAPPING,
    "foreign/releases/attacks.rego": CONFORMA_REGO,
    "foreign/releases/lib/lib.rego": CONFORMA_LIB,
    "foreign/releases/rule_data/data.yaml": "firms: [Attackers Ltd, Breakers SA]\n",
}


def foreign_files(**more: str | None) -> dict[str, bytes]:
    """Policies whose one gate asks the conftest pack. `more` replaces, adds or (None) takes away files, by path."""
    files = {**own_files(), **{path: text.encode() for path, text in PACKS.items()}}
    del files[CONTROL_PATH], files[CASES_PATH]
    files |= {path: text.encode() for path, text in more.items() if text is not None}
    return {path: content for path, content in files.items() if more.get(path, "") is not None}


def foreign_bundle(files: dict[str, str] | None = None) -> Bundle:
    return bundle_from_files({**foreign_files(), **{path: text.encode() for path, text in (files or {}).items()}})
