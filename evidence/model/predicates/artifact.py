"""The model file: what is inside it and who signed it."""

from typing import Literal

from pydantic import Field

from evidence.model.base import Count, DigestText, Happened, Int, Name, Text
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import SchemaField


class ArtifactManifest(Predicate):
    """Facts about a packaged model and its image, found by opening them without running them."""

    TYPE = "artifact-manifest"
    ABOUT = ARTIFACT
    CLASSES = (
        "measured",
        "ingested",
    )
    COLLECTOR = "quaestor artifact scan at build time"
    MAX_AGE = "P180D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="SHA-256 of the model file")
    format: Name = Field(description="File format")
    opset: Int | None = Field(default=None, description="ONNX operator set")
    executable_content: tuple[Name, ...] = Field(
        description="Executable content found, such as pickle opcodes; empty list if none"
    )
    custom_operators: tuple[Name, ...] = Field(description="Custom operators used; empty list if none")
    external_data_paths: tuple[Name, ...] = Field(
        description="External data paths outside the model's folder; empty list if none"
    )
    image_digest: DigestText | None = Field(default=None, description="Digest of the runtime image")
    image_format: Name | None = Field(default=None, description="Image format")
    build_labels: dict[Name, Name] | None = Field(default=None, description="Build labels")
    pinned_dependencies: bool = Field(description="Every dependency is pinned by digest")
    input_schema: tuple[SchemaField, ...] = Field(description="Inputs with type, unit, classification")
    output_schema: tuple[SchemaField, ...] = Field(description="Outputs with type, classification, sensitive label")
    feature_schema_version: Name = Field(description="Feature schema version")
    licence: Name = Field(description="Licence of the model")
    data_use_limits: tuple[Text, ...] = Field(description="Purposes that are not allowed; empty list if none")
    encrypted_at_rest: bool = Field(description="Stored copies are encrypted")
    encrypted_in_transit: bool = Field(description="Transfers are encrypted")
    key_management: Literal["customer-managed", "provider-managed", "none"] = Field(description="Who holds the keys")
    weights_sensitive: bool = Field(description="Weights are marked sensitive")
    pii_scan_hits: Count = Field(description="Personal data found in bundled files (hits)")
    config_digest: DigestText | None = Field(default=None, description="Digest of the packaged configuration")
    config_parts: dict[Name, DigestText] | None = Field(
        default=None, description="Digest of each setting of the packaged configuration, by its key"
    )


class ModelSignature(Predicate):
    """Signature on an artifact and the result of verifying it."""

    TYPE = "model-signature"
    CLASSES = ("measured",)
    COLLECTOR = "quaestor artifact verify (OpenSSF model signing)"
    MAX_AGE = "P30D"
    RECORD_CLASS = "technical-documentation"

    artifact_digest: DigestText = Field(description="What was signed")
    signed_kind: Literal["model", "config", "policy", "image", "pretrained-component", "purge-certificate"] = Field(
        description="Kind of thing signed"
    )
    content_digest: DigestText | None = Field(
        default=None, description="What the file says: the digest of the policy bundle or of the overlay that it holds"
    )
    algorithm: Name = Field(description="Algorithm")
    key_id: Name = Field(description="Key")
    key_custody: Name = Field(description="Where the key is kept")
    signer: Name = Field(description="Identity of the signer")
    signer_roles: tuple[Name, ...] = Field(description="Roles that the signer held when it was verified")
    verified: bool = Field(description="Signature verifies against a trusted identity")
    verified_at: Happened = Field(description="When it was verified")
