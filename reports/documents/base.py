"""What every document promises: a name, and its bytes out of what it is made of."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

Materials_contra = TypeVar("Materials_contra", contravariant=True)


class Document(Protocol[Materials_contra]):
    """A document for people outside, such as the decision pack. The same materials and fields give the same pages."""

    @property
    def name(self) -> str:
        """Kind of document, as commands and files call it: `decision-pack`."""
        ...

    def make(self, materials: Materials_contra) -> bytes:
        """The finished file. Raises QuaestorError for a key that cannot sign or a library that is not installed."""
        ...

    def unset(self, materials: Materials_contra) -> Mapping[str, str]:
        """By field, letters that no font of the document has: its pages show boxes in their place."""
        ...
