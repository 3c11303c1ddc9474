"""How a version came to be: the training run and the pipeline run."""

from typing import Literal

from pydantic import Field, JsonValue

from evidence.model.base import Count, DigestText, Happened, Name, Number, Share
from evidence.model.predicates.base import ARTIFACT, Predicate
from evidence.model.predicates.values import Period, PersonRef, Range


class TrainingRun(Predicate):
    """Run that produced a version, with data, code, settings and split."""

    TYPE = "training-run"
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "training tracker (MLflow) or CI"
    MAX_AGE = "P365D"

    started_at: Happened = Field(description="Start")
    finished_at: Happened = Field(description="End")
    author: PersonRef = Field(description="Who ran it")
    code_commit: Name = Field(description="Commit of the training code")
    dataset_digests: tuple[DigestText, ...] = Field(description="Datasets read")
    split_digests: dict[Literal["train", "validation", "test"], DigestText] = Field(description="Digest per split")
    purposes: tuple[Name, ...] = Field(description="Purposes of the run")
    data_window: Period = Field(description="Period of the data")
    sample_weighting: Literal["none", "recent", "custom"] = Field(description="Weighting of rows")
    features: tuple[Name, ...] = Field(description="Model inputs")
    hyperparameters: dict[Name, JsonValue] = Field(description="Settings")
    search_space: dict[Name, Range] | None = Field(default=None, description="Ranges of tuned settings")
    trial_count: Count = Field(description="Tuning trials")
    objective: tuple[Name, ...] = Field(description="Terms of the objective")
    environment_digest: DigestText = Field(description="Digest of the training environment")
    split_strategy: Literal["random", "stratified", "temporal", "grouped"] = Field(description="How data was split")
    data_structure: tuple[Literal["time-ordered", "grouped", "independent"], ...] = Field(
        description="Structure of the rows"
    )
    minority_share: Share | None = Field(default=None, description="Share of the smallest class (share)")
    split_overlap: Count = Field(description="Record keys found in more than one split (rows)")
    fold_class_shares: tuple[dict[Name, Number], ...] | None = Field(default=None, description="Class shares per fold")
    retraining: bool = Field(description="The run retrains an existing model")
    metrics: dict[Name, Number] = Field(description="Metrics logged by the run")


class CiRun(Predicate):
    """Pipeline or merge-request record of a commit."""

    TYPE = "ci-run"
    ABOUT = ARTIFACT
    CLASSES = ("ingested",)
    COLLECTOR = "GitHub Actions, GitLab CI, Jenkins"
    MAX_AGE = "P90D"

    commit: Name = Field(description="Commit")
    author: PersonRef = Field(description="Author")
    reviewers: tuple[PersonRef, ...] = Field(description="Reviewers")
    review_topics: tuple[Name, ...] = Field(description="Topics ticked in the review")
    stages: dict[Name, Literal["passed", "failed", "skipped"]] = Field(description="Stages")
    test_kinds: tuple[Name, ...] = Field(description="Kinds of test that ran")
    tests_failed: Count = Field(description="Failed tests")
    gates: dict[Name, Literal["passed", "failed", "skipped"]] = Field(description="Gates in the pipeline")
    rollback_step: Literal["verified", "present", "absent"] = Field(description="Rollback step")
    artifact_digest: DigestText = Field(description="Artifact built")
