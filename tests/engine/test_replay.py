"""A decision made again out of what was kept: the same bytes, or the places where they differ."""

from engine.backends.base import RegoEngine
from engine.bundle.load import Bundle, bundle_from_archive
from engine.deciding.decide import decide
from engine.deciding.replay import MAX_DIFFERENCES, compare
from engine.deciding.verdict import Decision
from evidence.model.canonical import canonical_bytes
from evidence.snapshot.model import Snapshot
from tests.worlds.policies import effective
from tests.worlds.records import audit, waiver
from tests.worlds.snapshots import entry, papers, snapshot

SEEN = snapshot(*papers(entry(audit(51)), entry(audit(3), None), entry(waiver(), "ben")))


def made(bundle: Bundle, engine: RegoEngine, seen: Snapshot = SEEN, gate: str = "validation") -> Decision:
    return decide(bundle, effective(bundle), seen, gate, engine)


def kept(decision: Decision, **changes: object) -> Decision:
    """The decision as it comes out of a store, with changes."""
    return Decision.model_validate_json(canonical_bytes({**decision.to_json(), **changes}))


class TestSame:
    def test_kept_as_json_and_made_again_it_has_the_same_bytes(self, bench: Bundle, engine: RegoEngine) -> None:
        recorded = made(bench, engine)
        stored = Snapshot.model_validate_json(canonical_bytes(SEEN.to_json()))
        bundle = bundle_from_archive(bench.archive())
        again = decide(bundle, effective(bundle), stored, "validation", engine)
        replayed = compare(kept(recorded), again)
        assert replayed.same
        assert replayed.differences == ()
        assert replayed.recorded_id == replayed.again_id == recorded.id

    def test_another_engine_gives_them_too(self, bench: Bundle, engine: RegoEngine, wasm: RegoEngine) -> None:
        assert compare(made(bench, engine), made(bench, wasm)).same


class TestDifferent:
    def test_a_changed_outcome_is_named_by_its_place(self, bench: Bundle, engine: RegoEngine) -> None:
        decision = made(bench, engine)
        replayed = compare(kept(decision, outcome="deny", reasons=[{"kind": "nothing-binds"}]), decision)
        assert not replayed.same
        assert [(d.path, d.recorded, d.again) for d in replayed.differences] == [
            ("/outcome", '"deny"', '"allow"'),
            ("/reasons/0", '{"kind":"nothing-binds"}', "absent"),
        ]
        assert replayed.recorded_id != replayed.again_id == decision.id

    def test_one_record_less_differs(self, bench: Bundle, engine: RegoEngine) -> None:
        less = snapshot(*SEEN.entries[1:])
        paths = {d.path for d in compare(made(bench, engine), made(bench, engine, less)).differences}
        assert "/snapshot_digest" in paths

    def test_who_made_a_record_is_part_of_the_snapshots_digest(self) -> None:
        first = SEEN.entries[0].model_copy(update={"derived_here": True})
        assert snapshot(first, *SEEN.entries[1:]).digest != SEEN.digest

    def test_names_are_escaped_as_in_a_json_pointer(self, bench: Bundle, engine: RegoEngine) -> None:
        decision = made(bench, engine)
        (found,) = compare(kept(decision, counts={**decision.counts, "a/b~c": 1}), decision).differences
        assert (found.path, found.recorded, found.again) == ("/counts/a~1b~0c", "1", "absent")

    def test_a_list_of_differences_ends(self, bench: Bundle, engine: RegoEngine) -> None:
        decision = made(bench, engine)
        reasons = [{"kind": "nothing-binds"}] * 200
        replayed = compare(kept(decision, reasons=reasons), decision)
        assert len(replayed.differences) == MAX_DIFFERENCES

    def test_a_long_value_is_cut(self, bench: Bundle, engine: RegoEngine) -> None:
        decision = made(bench, engine)
        (found,) = compare(kept(decision, gate="x" * 5000), decision).differences
        assert len(found.recorded) == 198
