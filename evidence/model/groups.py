"""Names of groups, `sex=f&age=>%3D 1985`: no value can pose as another group, and people read them plainly."""


def escaped(value: str) -> str:
    """A value as it stands in the name of a group."""
    return value.replace("%", "%25").replace("&", "%26").replace("=", "%3D")


def plain(name: str) -> str:
    """The name of a group for print alone: `sex=f, age=>= 1985`."""
    return name.replace("&", ", ").replace("%3D", "=").replace("%26", "&").replace("%25", "%")
