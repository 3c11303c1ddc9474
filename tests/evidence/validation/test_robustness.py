"""Robustness: attacks on models whose weakness is known, and what counts as a safe response."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from evidence.validation.measures.masking import Masking, masking
from evidence.validation.measures.reach import Reach
from evidence.validation.measures.robustness import (
    CORRUPTIONS,
    Answer,
    Ask,
    Domain,
    RefusalError,
    Target,
    corrupt,
    fgsm,
    measure,
    noise,
    probes,
    reject,
    slopes,
    valid_rejection,
)
from evidence.validation.measures.search import jumps, search

WEIGHTS = np.array([4.0, -2.0, 0.0])
DOMAIN = Domain(np.zeros(3), np.array([1.0, 2.0, 10.0]))


def linear(rows: np.ndarray) -> Answer:
    """A logistic model on the features divided by their ranges; answers anything of three columns."""
    scores = expit((rows / DOMAIN.scale) @ WEIGHTS - 1)
    return Answer(scores, np.zeros(len(rows), dtype=np.bool_))


def step(rows: np.ndarray) -> Answer:
    """A tree of one split: flat everywhere else."""
    return Answer((rows[:, 0] > 0.5).astype(float), np.zeros(len(rows), dtype=np.bool_))


def constant(rows: np.ndarray) -> Answer:
    return Answer(np.full(len(rows), 0.9), np.zeros(len(rows), dtype=np.bool_))


def guarded(rows: np.ndarray) -> Answer:
    """Refuses what is no table of three numbers; abstains outside the domain."""
    if rows.ndim != 2 or rows.shape[1] != 3 or rows.dtype.kind != "f":
        raise RefusalError("not three numbers")
    inside = ((rows >= DOMAIN.low) & (rows <= DOMAIN.high)).all(axis=1)
    return Answer(np.where(inside, linear(np.nan_to_num(rows, posinf=0, neginf=0)).scores, np.nan), ~inside)


def target(ask: Ask, n: int = 400, seed: int = 1) -> Target:
    """Rows of the domain, labelled by the linear model, so that its accuracy is 1 before the attack."""
    rows = np.random.default_rng(seed).random((n, 3)) * DOMAIN.scale
    return Target(ask, rows, linear(rows).scores >= 0.5, DOMAIN)


class TestAttacks:
    def test_gradient_step_is_the_worst_of_its_size_on_a_linear_model(self) -> None:
        """Every row whose logit is nearer to the border than 0.05 * (4 + 2) flips, and no other (Goodfellow 2015)."""
        attacked = target(linear)
        roomy = Target(linear, attacked.rows, attacked.labels, Domain(DOMAIN.low - 1, DOMAIN.high + 1))
        scale = roomy.domain.scale
        reach = 0.05 * np.abs(WEIGHTS / DOMAIN.scale) @ scale
        near = np.abs((attacked.rows / DOMAIN.scale) @ WEIGHTS - 1) < reach
        found = measure(roomy, fgsm(roomy, 0.05, seed=0))
        assert found.success is not None
        assert found.drop is not None
        assert 0.05 < near.mean() < 0.5
        assert found.success.value == found.drop.value == near.mean()
        assert found.success.n == 400

    @pytest.mark.parametrize("attack", [noise, fgsm])
    @settings(max_examples=20, deadline=None)
    @given(budget=st.floats(0, 0.5), seed=st.integers(0, 100))
    def test_stays_within_budget_and_domain(self, attack: type[object], budget: float, seed: int) -> None:
        attacked = target(linear, 30, seed)
        changed = attack(attacked, budget, seed)  # type: ignore[call-arg]
        assert (np.abs(changed - attacked.rows) <= budget * DOMAIN.scale + 1e-12).all()
        assert ((changed >= DOMAIN.low) & (changed <= DOMAIN.high)).all()
        assert (changed == attack(attacked, budget, seed)).all()  # type: ignore[call-arg]

    def test_noise_is_weaker_than_the_gradient_step(self) -> None:
        attacked = target(linear)
        random, directed = (measure(attacked, attack(attacked, 0.1, 0)).success for attack in (noise, fgsm))
        assert random is not None
        assert directed is not None
        assert 0 < random.value < directed.value

    def test_split_of_a_tree_is_found(self) -> None:
        attacked = target(step)
        attacked = Target(step, attacked.rows, attacked.rows[:, 0] > 0.5, DOMAIN)
        found = measure(attacked, fgsm(attacked, 0.1, seed=0)).success
        assert found is not None
        assert found.value == (np.abs(attacked.rows[:, 0] - 0.5) < 0.1).mean()

    def test_model_that_ignores_its_input_cannot_be_flipped(self) -> None:
        attacked = target(constant)
        found = measure(attacked, fgsm(attacked, 0.5, seed=0))
        assert found.success is not None
        assert found.drop is not None
        assert (found.success.value, found.drop.value, found.success.n) == (0, 0, attacked.labels.sum())
        assert found.success.high > 0

    def test_noise_prefers_a_perturbation_that_breaks_the_answer(self) -> None:
        def breaks(rows: np.ndarray) -> Answer:
            return Answer(np.where(rows[:, 0] > 0.5, np.nan, 0.9), np.zeros(len(rows), dtype=np.bool_))

        attacked = Target(breaks, np.full((20, 3), 0.5), np.ones(20, dtype=np.bool_), DOMAIN)
        found = measure(attacked, noise(attacked, 0.1, seed=0)).success
        assert found is not None
        assert found.value == 1

    def test_a_row_outside_its_domain_is_moved_no_further_out(self) -> None:
        rows = np.array([[3.0, 1.0, 5.0]])
        attacked = Target(linear, rows, np.array([True]), DOMAIN)
        assert (fgsm(attacked, 0.1, seed=0)[0] <= [3.0, 2.0, 10.0]).all()
        assert noise(attacked, 0.1, seed=0)[0, 0] > 2.8

    def test_a_flip_that_one_feature_alone_made_is_kept(self) -> None:
        """Two features that harm one by one and undo each other together: the step of both turns nothing."""

        def undone(rows: np.ndarray) -> Answer:
            out = np.abs(rows[:, 0] / DOMAIN.high[0] - rows[:, 1] / DOMAIN.high[1])
            return Answer(np.where(out > 0.05, 0.1, 0.9), np.zeros(len(rows), dtype=np.bool_))

        rows = np.full((20, 3), 0.5) * DOMAIN.high
        attacked = Target(undone, rows, np.ones(20, dtype=np.bool_), DOMAIN)
        changed = fgsm(attacked, 0.1, seed=0)
        found = measure(attacked, changed).success
        assert found is not None
        assert found.value == 1
        assert (np.abs(changed - rows) <= 0.1 * DOMAIN.scale + 1e-12).all()

    def test_a_budget_in_standard_deviations_moves_each_feature_by_its_own(self) -> None:
        spread = np.array([0.1, 0.5, 0.0])
        roomy = Domain(DOMAIN.low, DOMAIN.high, spread)
        rows = np.tile([0.5, 1.0, 5.0], (10, 1))
        moved = np.abs(fgsm(Target(linear, rows, np.ones(10, dtype=np.bool_), roomy), 0.5, seed=0) - rows)
        assert moved == pytest.approx(np.tile([0.05, 0.25, 0.0], (10, 1)))


def rounded(rows: np.ndarray) -> Answer:
    """The linear model, its scores to one digit."""
    return Answer(np.floor(linear(rows).scores * 10) / 10, np.zeros(len(rows), dtype=np.bool_))


def labels(rows: np.ndarray) -> Answer:
    return Answer((linear(rows).scores >= 0.5).astype(float), np.zeros(len(rows), dtype=np.bool_))


def boxes(rows: np.ndarray) -> Answer:
    """Two steps, and wrong only just above both: in a box that no end of a budget meets."""
    inside = (np.abs(rows[:, 0] - 0.532) < 0.002) & (np.abs(rows[:, 1] - 1.064) < 0.004)
    near = 0.02 * (rows[:, 0] > 0.53) + 0.02 * (rows[:, 1] > 1.06)
    return Answer(np.where(inside, 0.1, 0.9 - near), np.zeros(len(rows), dtype=np.bool_))


def reach_of(attacked: Target, budget: float, changes: int = 0) -> Reach:
    return Reach.of(attacked, budget, {2: np.array([0.0, 5.0, 10.0])}, changes, np.float64)


def looked_at(attacked: Target, budget: float) -> Masking:
    found = slopes(attacked, budget)
    right = attacked.right(attacked.answer(attacked.rows))
    step, random = (right & attacked.turned(attacked.answer(made)) for made in (
        fgsm(attacked, budget, 0, found), noise(attacked, budget, 0)
    ))  # fmt: skip
    return masking(attacked.rows, found, random, step, ())


class TestSearch:
    @pytest.mark.parametrize("ask", [linear, rounded, labels])
    def test_finds_all_that_there_is_on_a_linear_model_however_it_tells_its_scores(self, ask: Ask) -> None:
        attacked = Target(ask, target(linear).rows, target(linear).labels, DOMAIN)
        exact = measure(attacked, fgsm(Target(linear, attacked.rows, attacked.labels, DOMAIN), 0.05, 0)).success
        found = measure(attacked, search(attacked, reach_of(attacked, 0.05), seed=0)).success
        assert found is not None
        assert exact is not None
        assert found.value == exact.value > 0.05

    def test_finds_a_box_by_its_edges(self) -> None:
        rows = np.tile([0.5, 1.0, 5.0], (30, 1)) + np.random.default_rng(1).uniform(-0.01, 0.01, (30, 3))
        attacked = Target(boxes, rows, np.ones(30, dtype=np.bool_), DOMAIN)
        assert {0, 1} <= set(jumps(attacked, reach_of(attacked, 0.08)))
        found = measure(attacked, search(attacked, reach_of(attacked, 0.08), seed=0)).success
        stepped = measure(attacked, fgsm(attacked, 0.08, seed=0)).success
        assert found is not None
        assert stepped is not None
        assert found.value == 1 > stepped.value

    @settings(max_examples=20, deadline=None)
    @given(budget=st.floats(0, 0.5), seed=st.integers(0, 100), changes=st.integers(0, 1))
    def test_stays_within_reach_and_is_seeded(self, budget: float, seed: int, changes: int) -> None:
        attacked = target(linear, 20, seed)
        attacked.rows[:, 2] = 5.0
        reach = reach_of(attacked, budget, changes)
        changed = search(attacked, reach, seed)
        near, category = changed[:, :2], changed[:, 2]
        assert ((near >= reach.low[:, :2]) & (near <= reach.high[:, :2])).all()
        assert changes == 0 or set(category) <= {0.0, 5.0, 10.0}
        assert (changed == search(attacked, reach, seed)).all()

    def test_no_more_categories_change_than_may(self) -> None:
        def both(rows: np.ndarray) -> Answer:
            return Answer(1 - 0.3 * (rows != 0).sum(axis=1), np.zeros(len(rows), dtype=np.bool_))

        rows = np.zeros((5, 3))
        attacked = Target(both, rows, np.ones(5, dtype=np.bool_), Domain(np.zeros(3), np.zeros(3)))
        choices = {feature: np.array([0.0, 1.0]) for feature in range(3)}
        rates = []
        for changes in (1, 2):
            changed = search(attacked, Reach.of(attacked, 0.1, choices, changes, np.float64), seed=0)
            assert ((changed != rows).sum(axis=1) <= changes).all()
            found = measure(attacked, changed).success
            assert found is not None
            rates.append(found.value)
        assert rates == [0, 1]

    def test_an_abstention_is_no_success(self) -> None:
        attacked = target(guarded, 40)
        roomy = Domain(DOMAIN.low - 100, DOMAIN.high + 100)
        moved = Target(guarded, attacked.rows, attacked.labels, roomy)
        found = measure(moved, search(moved, reach_of(moved, 0.001), seed=0)).success
        assert found is not None
        assert found.value < 1

    def test_nothing_to_search(self) -> None:
        empty = Target(linear, np.zeros((0, 3)), np.zeros(0, dtype=np.bool_), DOMAIN)
        assert search(empty, reach_of(empty, 0.1), seed=0).shape == (0, 3)
        fixed = target(linear, 5)
        assert (search(fixed, reach_of(fixed, 0.0), seed=0) == fixed.rows).all()


class TestMasking:
    def test_slopes_of_a_plain_model_show(self) -> None:
        found = looked_at(target(linear), 0.05)
        assert found == Masking((), 0.0, 1.0)

    def test_rounded_scores_are_noticed(self) -> None:
        found = looked_at(Target(rounded, target(linear).rows, target(linear).labels, DOMAIN), 0.02)
        assert {"flat", "few-scores"} <= set(found.signs)
        fine = Target(
            lambda rows: Answer(np.round(linear(rows).scores, 2), np.zeros(len(rows), dtype=np.bool_)),
            target(linear).rows, target(linear).labels, DOMAIN,
        )  # fmt: skip
        assert "few-scores" in looked_at(fine, 0.05).signs

    def test_scores_that_are_labels_are_noticed(self) -> None:
        found = looked_at(Target(labels, target(linear).rows, target(linear).labels, DOMAIN), 0.02)
        assert {"flat", "few-scores"} <= set(found.signs)

    def test_a_model_without_any_slope_is_flat(self) -> None:
        assert "flat" in looked_at(target(constant), 0.05).signs

    def test_copies_of_a_row_are_not_few_scores(self) -> None:
        plain = target(linear, 10)
        attacked = Target(linear, np.tile(plain.rows, (20, 1)), np.tile(plain.labels, 20), DOMAIN)
        assert looked_at(attacked, 0.05).signs == ()

    def test_noise_that_beats_the_step_is_noticed(self) -> None:
        """Scores that tell the wrong way round: the step leads away from the border."""

        def lying(rows: np.ndarray) -> Answer:
            total = rows.sum(axis=1) / 8
            return Answer(np.where(total >= 0.5, 1.5 - total, 0.5 - total), np.zeros(len(rows), dtype=np.bool_))

        rows = np.random.default_rng(1).uniform(0.3, 0.7, (600, 8))
        attacked = Target(lying, rows, rows.sum(axis=1) >= 4, Domain(np.zeros(8), np.ones(8)))
        assert looked_at(attacked, 0.05).signs == ("outdone",)


class TestMeasure:
    def test_score_that_became_nan_is_a_success_of_the_attack(self) -> None:
        attacked = target(
            lambda rows: Answer(np.where(rows[:, 0] > 2, np.nan, 0.9), np.zeros(len(rows), dtype=np.bool_))
        )
        found = measure(attacked, attacked.rows + 5)
        assert found.success is not None
        assert found.success.value == 1

    def test_abstention_under_attack_flips_nothing_but_is_no_right_answer(self) -> None:
        attacked = target(guarded)
        found = measure(attacked, attacked.rows + 50)
        assert found.success is not None
        assert found.drop is not None
        assert (found.success.value, found.drop.value) == (0, 1)

    def test_abstention_before_the_attack_is_excluded(self) -> None:
        attacked = target(guarded, 10)
        rows = attacked.rows.copy()
        rows[:4] += 100
        found = measure(Target(guarded, rows, attacked.labels, DOMAIN), rows)
        assert found.excluded == 4
        assert found.drop is not None
        assert found.drop.n == 6

    def test_refusal_of_the_batch_is_abstention_on_every_row(self) -> None:
        def refuses_change(rows: np.ndarray) -> Answer:
            if rows.max() > 10:
                raise RefusalError("too large")
            return linear(rows)

        attacked = target(refuses_change)
        found = measure(attacked, attacked.rows + 50)
        assert found.drop is not None
        assert found.drop.value == 1

    def test_no_rows_have_no_rates(self) -> None:
        empty = Target(linear, np.zeros((0, 3)), np.zeros(0, dtype=np.bool_), DOMAIN)
        found = measure(empty, empty.rows)
        assert (found.success, found.drop) == (None, None)


class TestCorruption:
    @pytest.mark.parametrize("kind", CORRUPTIONS)
    def test_is_seeded_and_changes_rows(self, kind: str) -> None:
        corrupted = target(linear)
        changed = corrupt(kind, corrupted, 0.1, seed=4)  # type: ignore[arg-type]
        again = corrupt(kind, corrupted, 0.1, seed=4)  # type: ignore[arg-type]
        assert np.array_equal(changed, again, equal_nan=True)
        assert (changed != corrupted.rows).any()

    def test_missing_empties_a_tenth(self) -> None:
        changed = corrupt("missing", target(linear, 3000), 0.1, seed=0)
        assert np.isnan(changed).mean() == pytest.approx(0.1, abs=0.01)

    def test_rounding_keeps_twenty_steps(self) -> None:
        changed = corrupt("rounding", target(linear, 3000), 0.1, seed=0)
        assert len(np.unique(changed[:, 2])) == 21
        assert np.abs(changed - target(linear, 3000).rows).max() <= 10 / 40 + 1e-12

    def test_a_tenth_of_the_cells_is_in_the_wrong_unit(self) -> None:
        rows = target(linear, 3000).rows
        changed = corrupt("unit-error", target(linear, 3000), 0.1, seed=0)
        assert (changed != rows).mean() == pytest.approx(0.1, abs=0.01)
        assert np.array_equal(changed[changed != rows], rows[changed != rows] * 100)

    def test_clipping_holds_each_feature_within_nine_tenths_of_its_values(self) -> None:
        cut = target(linear, 3000)
        cut.rows[:5, 0] = np.nan
        cut.rows[:, 1] = np.nan
        changed = corrupt("clipping", cut, 0.1, seed=0)
        assert np.array_equal(np.isnan(changed), np.isnan(cut.rows))
        assert (changed[:, 2] != cut.rows[:, 2]).mean() == pytest.approx(0.1, abs=0.01)
        assert changed[:, 2].max() == np.quantile(cut.rows[:, 2], 0.95)

    def test_missing_cells_make_an_unguarded_model_wrong(self) -> None:
        corrupted = target(linear)
        found = measure(corrupted, corrupt("missing", corrupted, 0.1, seed=0)).drop
        assert found is not None
        assert found.low > 0.2


class TestProbes:
    def test_cover_every_feature_and_kind(self) -> None:
        rows = target(linear, 10).rows
        made = probes(rows, DOMAIN, repeats=2)
        kinds = [probe.kind for probe in made]
        assert {kind: kinds.count(kind) for kind in set(kinds)} == {
            "missing": 6, "infinite": 12, "overflow": 6, "out-of-range": 12,
            "wrong-dtype": 2, "wrong-width": 4, "wrong-rank": 2,
        }  # fmt: skip
        spoilt = [probe.rows for probe in made if probe.kind == "missing"]
        assert [int(np.flatnonzero(np.isnan(row[0]))[0]) for row in spoilt] == [0, 1, 2, 0, 1, 2]
        with np.errstate(over="ignore"):
            assert all(np.isinf(p.rows.astype(np.float32)).any() for p in made if p.kind == "overflow")

    def test_guarded_model_is_safe(self) -> None:
        found = reject(guarded, probes(target(guarded).rows, DOMAIN, repeats=5))
        assert found.invalid is not None
        assert found.out_of_range is not None
        assert (found.invalid.value, found.out_of_range.value) == (1, 1)
        assert found.trials == found.safe == found.invalid.n + found.out_of_range.n == 110
        assert found.invalid.low < 1

    def test_an_answer_is_not_safe_not_even_nan(self) -> None:
        def careless(rows: np.ndarray) -> Answer:
            return Answer(np.full(1, np.nan), np.zeros(1, dtype=np.bool_))

        found = reject(careless, probes(target(linear).rows, DOMAIN))
        assert found.safe == 0
        assert found.invalid is not None
        assert found.invalid.value == 0

    def test_an_answer_without_rows_is_not_safe(self) -> None:
        found = reject(lambda _: Answer(np.zeros(0), np.zeros(0, dtype=np.bool_)), probes(target(linear).rows, DOMAIN))
        assert found.safe == 0

    def test_a_crash_is_no_refusal(self) -> None:
        def crashes(rows: np.ndarray) -> Answer:
            raise MemoryError

        with pytest.raises(MemoryError):
            reject(crashes, probes(target(linear).rows, DOMAIN))

    def test_nothing_tried_has_no_rate(self) -> None:
        found = reject(guarded, ())
        assert (found.invalid, found.out_of_range, found.trials) == (None, None, 0)


class TestValidRejection:
    def test_counts_abstentions(self) -> None:
        rows = target(guarded, 50).rows.copy()
        rows[:5] += 100
        found = valid_rejection(guarded, rows)
        assert found is not None
        assert (found.value, found.n) == (0.1, 50)

    def test_refused_batch_is_asked_row_by_row(self) -> None:
        def one_bad_row_spoils_all(rows: np.ndarray) -> Answer:
            if rows.max() > 50:
                raise RefusalError("out of range")
            return linear(rows)

        rows = target(linear, 20).rows.copy()
        rows[3] += 100
        found = valid_rejection(one_bad_row_spoils_all, rows)
        assert found is not None
        assert found.value == 1 / 20

    def test_no_rows(self) -> None:
        assert valid_rejection(linear, np.zeros((0, 3))) is None
