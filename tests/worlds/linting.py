"""Lint of a bundle that stands in memory."""

from collections.abc import Mapping

from engine.errors import PolicyError, in_order
from engine.rego.lint import look_through


def lint_files(files: Mapping[str, bytes]) -> tuple[PolicyError, ...]:
    """All mistakes and warnings of a bundle's files, by file and line."""
    look = look_through(files)
    return in_order([*look.mistakes, *look.untidy])
