"""What the texts that controls answer to are called."""

from collections.abc import Mapping
from typing import Any

from engine.bundle.load import Bundle


def framework_titles(bundle: Bundle) -> Mapping[str, Mapping[str, Any]]:
    """Titles of the bundle's frameworks and of their articles, by id."""
    return {
        name: {
            "title": framework.title,
            "version": framework.version,
            "articles": {article.id: article.title for article in framework.articles},
        }
        for name, framework in sorted(bundle.frameworks.items())
    }
