"""Names of groups: no value poses as another group, and people read them plainly."""

import pytest

from evidence.model.groups import escaped, plain


@pytest.mark.parametrize("value", [">= 1985", "a&b=c", "100%", "%3D", "%25&"])
def test_what_is_escaped_is_told_as_it_was(value: str) -> None:
    assert not {"&", "="} & set(escaped(value))
    assert plain(f"age={escaped(value)}") == f"age={value}"


def test_an_intersection_is_told_with_a_comma() -> None:
    assert plain("sex=f&age=>%3D 1985") == "sex=f, age=>= 1985"
