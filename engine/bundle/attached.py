"""The policies of a decision, out of the archive that was kept or attached with it."""

from functools import lru_cache
from pathlib import Path

from engine.bundle.effective import Effective, effective_parameters, read_overlay
from engine.bundle.files import OVERLAY, read_archive
from engine.bundle.load import Bundle, bundle_from_archive


@lru_cache(maxsize=1)
def policies_of(data: bytes, cache: Path | None = None) -> tuple[Bundle, Effective]:
    """Bundle and effective parameters out of a tar with the overlay; the last one is kept. Raises QuaestorError.

    `cache` is a folder in which what the checks of a bundle derived is kept by digest.
    """
    bundle = bundle_from_archive(data, cache)
    overlay = read_archive(data).get(OVERLAY)
    document = read_overlay(overlay, OVERLAY) if overlay is not None else None
    return bundle, effective_parameters(bundle.catalogue, document, bundle.controls.values())
