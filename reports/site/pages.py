"""The controls of a bundle as a folder of web pages that any server, or none, can show: an index to search, a page a
control, a matrix a framework.

Nothing in a page comes from elsewhere, and all text is escaped. The same bundle and parameters give the same bytes.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from engine.bundle.coverage import coverage
from engine.bundle.explanation import Explanation
from engine.bundle.load import Bundle
from reports.renderers.coverage import RESTS_ON
from reports.words import controls as words
from reports.words.escape import clean

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).resolve().parent
_ASSETS = ("site.css", "site.js")


def site(bundle: Bundle, explanations: Iterable[Explanation]) -> dict[str, bytes]:
    """Every file of the site by its path: `index.html`, `controls/<ID>.html`, `frameworks/<id>.html`, style, script.

    `explanations` are those of the bundle's controls.
    """
    listed = sorted(explanations, key=lambda item: item.control.id)
    matrices = [coverage(bundle, framework) for framework in bundle.frameworks.values()]
    head = {"bundle": bundle.digest, "count": len(listed), "matrices": matrices}
    pages = {"index.html": _page("index.html", "", head | {"listed": listed})}
    for item in listed:
        pages[f"controls/{item.control.id}.html"] = _page("control.html", "../", head | {"item": item})
    for matrix in matrices:
        pages[f"frameworks/{matrix.framework}.html"] = _page("framework.html", "../", head | {"matrix": matrix})
    return {**pages, **{name: (_HERE / "templates" / name).read_bytes() for name in _ASSETS}}


def _page(template: str, root: str, values: Mapping[str, object]) -> bytes:
    """A page; `root` leads from it to the site's top."""
    return _environment().get_template(template).render(root=root, **values).encode()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"words": words, "rests_on": RESTS_ON, "example": _example}
    environment.finalize = lambda value: clean(value) if isinstance(value, str) and "\n" not in value else value
    return environment


def _example(item: Explanation) -> str:
    """Records that pass, as YAML."""
    text = yaml.safe_dump(item.example, sort_keys=False, allow_unicode=True, default_flow_style=None, width=80)
    return "\n".join(clean(line) for line in text.splitlines())
