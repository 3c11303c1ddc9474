"""Evidence to decide on, made of the controls' own passing cases: small, one record a type, or a megabyte.

Records are whole: what a case leaves out is filled in from the published schema, and each predicate is checked against
its model. The larger ones grow where real ones do: groups of a fairness audit, slices of a run, features that drifted.
"""

import re
from collections import Counter
from random import Random
from typing import Any

from engine.bundle.effective import effective_parameters
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.deciding.admission import ATTESTATION
from engine.deciding.evaluate import Context, Policies, PolicyRecord, policy_input
from engine.proofs.cases import SUBJECT, read_cases
from evidence.model.base import parse_instant
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.predicates import PREDICATES

NOW = "2026-11-21T00:00:00Z"
ATTRIBUTES = ("sex", "age", "origin", "disability")
_TEXTS = ("as filed", f"sha256:{64 * 'c'}")
_FORMATS = {"date": ("2026-11-20",), "date-time": ("2026-11-20T00:00:00Z",), "duration": ("P30D",)}
_BEGINNINGS = {"start": "2026-10-20T00:00:00Z"}
"""A period begins before it ends."""
_METRICS = (
    "accuracy",
    "base_rate",
    "false_negative_rate",
    "false_positive_rate",
    "precision",
    "selection_rate",
    "true_negative_rate",
    "true_positive_rate",
)

Records = dict[str, list[PolicyRecord]]


def parameters(bundle: Bundle) -> dict[str, Any]:
    """The bundle's parameters, with attributes to protect."""
    effective = effective_parameters(bundle.catalogue, None, bundle.controls.values())
    return {**effective.values, "protected_attributes": list(ATTRIBUTES)}


def one_of_each(bundle: Bundle) -> Records:
    """One whole record of every type that a control reads, the fullest that a passing case has."""
    found: Records = {}
    for control in bundle.controls.values():
        for case in read_cases(bundle, control):
            if case.expect == "pass":
                for kind, records in case.records.items():
                    found.setdefault(kind, []).extend(records)
    return {
        kind: [_whole(bundle, kind, max(records, key=_size), kind)]
        for kind, records in sorted(found.items())
        if records
    }


def up_to(bundle: Bundle, size: int) -> Records:
    """Records of the types that most controls read, as many as fit into an input of `size` bytes."""
    everything = one_of_each(bundle)
    readers = Counter(kind for control in bundle.controls.values() for kind in control.evidence)
    chosen: Records = {}
    for kind, _ in sorted(readers.items(), key=lambda item: (-item[1], item[0])):
        wider = {**chosen, kind: everything[kind]}
        if len(document(bundle, wider)) <= size:
            chosen = wider
    return chosen


def at_least(bundle: Bundle, size: int) -> Records:
    """One record of each type, audits, runs and drift reports of so many groups that the input has `size` bytes."""
    records = one_of_each(bundle)
    groups = 8
    while len(document(bundle, records)) < size:
        records |= _large(bundle, records, groups)
        groups += max(8, groups // 4)
    return records


def document(bundle: Bundle, records: Records) -> bytes:
    """`input` for the records; as in a decision, a type without a record has an empty list."""
    context = Context(
        gate="validation",
        instant=parse_instant(NOW),
        subject=SUBJECT,
        tier="high-annex-iii",
        roles=("deployer", "provider"),
        vocabulary=bundle.vocabulary,
        parameters=parameters(bundle),
        policies=Policies(bundle.digest, digest_json({}), bundle.controls),
    )
    kinds = sorted({kind for control in bundle.controls.values() for kind in control.evidence})
    return policy_input({kind: records.get(kind, []) for kind in kinds}, context)


def _large(bundle: Bundle, records: Records, groups: int) -> Records:
    random = Random(groups)
    audit, run, drift = (records[kind][0] for kind in ("fairness-audit", "validation-run", "drift-report"))
    slices = [
        {"dimension": f"dimension {number % 10}", "value": f"value {number}", "n": 900, "metric": _estimate(random)}
        for number in range(groups)
    ]
    features = [f"feature_{number}" for number in range(groups // 2)]

    def made(kind: str, record: PolicyRecord, label: str, **fields: Any) -> PolicyRecord:
        return _whole(bundle, kind, {**record, "predicate": {**record["predicate"], **fields}}, label)

    return {
        "fairness-audit": [
            made("fairness-audit", audit, audited, **_audited(audited, groups, random))
            for audited in ("model-outputs", "training-labels")
        ],
        "validation-run": [made("validation-run", run, "slices", slices=slices)],
        "drift-report": [made("drift-report", drift, name, feature=name) for name in features],
    }


def _audited(audited: str, groups: int, random: Random) -> dict[str, Any]:
    names = [f"{ATTRIBUTES[number % 4]}=group {number}" for number in range(groups)]
    return {
        "audited": audited,
        "attributes": list(ATTRIBUTES),
        "binding_measures": ["impact_ratio"],
        "group_sizes": dict.fromkeys(names, 900),
        "group_metrics": {name: {metric: _estimate(random) for metric in _METRICS} for name in names},
        "impact_ratio": {name: _estimate(random) for name in names},
        "parity_difference": {name: _estimate(random) for name in ATTRIBUTES},
        "odds_difference": {name: _estimate(random) for name in ATTRIBUTES},
    }


def _estimate(random: Random) -> dict[str, Any]:
    value = round(random.uniform(0.9, 0.98), 6)
    return {
        "value": value,
        "n": 900,
        "ci_low": round(value - 0.012345, 6),
        "ci_high": round(value + 0.011111, 6),
        "confidence": 0.95,
        "excluded": 0,
    }


def _whole(bundle: Bundle, kind: str, record: PolicyRecord, label: str) -> PolicyRecord:
    """The record with every field that its schema requires, checked against its model, under an id of its own."""
    schema = bundle.schemas[kind]
    predicate = _filled(record["predicate"], schema, schema)
    PREDICATES[ATTESTATION if kind.startswith(STATEMENT) else kind].from_json(predicate)
    digest = digest_json(predicate)
    return {
        **record,
        **bundle.event_told(kind, predicate, digest),
        "id": digest_json({"benchmark": label, "type": kind}),
        "digest": digest,
        "predicate": predicate,
        "issued_at": "2026-11-20T00:00:00Z",
        "collected_at": "2026-11-20T00:00:00Z",
        "expires_at": "2026-12-21T00:00:00Z",
    }


def _filled(value: Any, schema: Any, root: Any) -> Any:
    """`value` with the required fields that it lacks, at every depth."""
    schema = _resolved(schema, root)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        inner = {
            name: _filled(item, known.get(name, rest if isinstance(rest, dict) else {}), root)
            for name, item in value.items()
        }
        missing = (name for name in schema.get("required", ()) if name not in inner)
        return inner | {name: _BEGINNINGS.get(name) or _least(known[name], root) for name in missing}
    if isinstance(value, list):
        return [_filled(item, schema.get("items", {}), root) for item in value]
    return value


def _least(schema: Any, root: Any) -> Any:
    """The plainest value that a schema allows."""
    schema = _resolved(schema, root)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return _filled({}, schema, root)
    if kind == "array":
        return [_least(schema.get("items", {}), root) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        wanted = re.compile(schema.get("pattern", ""))
        return next(text for text in _FORMATS.get(schema.get("format", ""), _TEXTS) if wanted.search(text))
    if kind == "number":
        return min(max(0.5, schema.get("minimum", 0.5)), schema.get("maximum", 1.0))
    return {"integer": 1, "boolean": True}[kind]


def _resolved(schema: Any, root: Any) -> Any:
    while "$ref" in schema or "anyOf" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
    return schema


def _size(record: PolicyRecord) -> int:
    return len(canonical_bytes(record))
