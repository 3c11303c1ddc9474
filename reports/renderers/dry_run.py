"""A rendered decision that was not made: marked in the text, since a file travels without what was said beside it."""

import json
from xml.etree import ElementTree as ET

NOTE = "DRY RUN: nothing was recorded, and no later gate is opened by it."


def as_dry_run(form: str, text: str) -> str:
    """What `render` gave, marked: `dry_run` in JSON (its digest is that of no decision), the name of the suite in
    JUnit, the category of the run in SARIF, the first line of text and Markdown.
    """
    if form == "json":
        return json.dumps({"dry_run": NOTE, **json.loads(text)}, ensure_ascii=False) + "\n"
    if form == "junit":
        root = ET.fromstring(text)  # noqa: S314  (our own text)
        for suite in root.iter("testsuite"):
            suite.set("name", f"DRY RUN: {suite.get('name')}")
        return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
    if form == "sarif":
        log = json.loads(text)
        for run in log["runs"]:
            run["automationDetails"]["id"] = f"dry-run/{run['automationDetails']['id']}"
            run["properties"]["dryRun"] = NOTE
        return json.dumps(log, indent=2, ensure_ascii=False) + "\n"
    return f"{NOTE}\n\n{text}"
