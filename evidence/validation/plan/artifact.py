"""What the plan declares of the model file, and what its process may use."""

from typing import Annotated, Literal

from pydantic import Field

from evidence.model.base import DigestText, Frozen, Int

Positive = Annotated[Int, Field(gt=0)]


class Budgets(Frozen):
    """Limits of the child process: address space, processor time, wall time; and the size of the model file."""

    memory_mb: Annotated[Int, Field(ge=256, le=1 << 20)] = 4096
    cpu_seconds: Positive = 900
    wall_seconds: Positive = 1200
    model_mb: Annotated[Int, Field(gt=0, le=2047)] = 2047


class FieldNote(Frozen):
    """What no file says about an input or output."""

    classification: str
    unit: str | None = None
    sensitive_label: str | None = None


class ArtifactNotes(Frozen):
    """What the scan of a model file cannot find out, declared by whoever writes the plan."""

    image_digest: DigestText | None = None
    image_format: str | None = None
    build_labels: dict[str, str] | None = None
    pinned_dependencies: bool
    inputs: dict[str, FieldNote]
    outputs: dict[str, FieldNote]
    feature_schema_version: str
    licence: str
    data_use_limits: tuple[str, ...]
    encrypted_at_rest: bool
    encrypted_in_transit: bool
    key_management: Literal["customer-managed", "provider-managed", "none"]
    weights_sensitive: bool
    config_digest: DigestText | None = None
    config_parts: dict[str, DigestText] | None = None
