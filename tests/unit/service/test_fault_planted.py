"""Whom the faults hit, and what single copies then write."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness.scenario import FaultName, FaultSettings
from harness.service.faults.copies import ReplacedScores, narrowed
from harness.service.faults.planted import Planted
from harness.service.records import CREATE, SUBMIT, UPDATE, Entity, HeaderRow, Key, ScoreRow
from harness.service.rows import CopyPlan, HeaderVersion, ScoresVersion

KEY = Key("c", "p", "s")
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
HEADER = HeaderRow("t", "a", "k", 0.1, NOW, "coach", NOW, NOW)
SCORES = (ScoreRow("a", 0.1, None, None, False, True),)
ENTITY = Entity(KEY, HEADER, SCORES, 3)
DRAWS = 20_000


def test_without_faults_nothing_is_changed() -> None:
    planted = Planted()
    assert not planted.drops(KEY) and not planted.rolls_back(KEY, UPDATE)
    assert planted.lateness_s(KEY, UPDATE) == 0
    assert planted.plan(ENTITY, 3, SUBMIT) == CopyPlan.of(ENTITY, 3)


@pytest.mark.parametrize("share", [0.01, 0.2])
def test_a_share_of_the_copies_is_dropped_and_a_seed_repeats_which(share: float) -> None:
    def series(seed: int) -> list[bool]:
        planted = Planted([FaultName.DROPPED_COPY], FaultSettings(dropped_share=share), seed)
        return [planted.drops(KEY) for _ in range(DRAWS)]

    assert series(1) == series(1) != series(2)
    assert sum(series(1)) / DRAWS == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / DRAWS))


@pytest.mark.parametrize(("share", "hit"), [(0.0, False), (1.0, True)])
def test_none_and_all_are_shares_too(share: float, hit: bool) -> None:
    settings = FaultSettings(dropped_share=share, rolled_back_share=share, split_share=share)
    planted = Planted([FaultName.DROPPED_COPY, FaultName.ROLLED_BACK_INSERT, FaultName.SPLIT_INSERT_CRASH], settings)
    for _ in range(100):
        assert planted.drops(KEY) == hit
        assert planted.rolls_back(KEY, SUBMIT) == hit
        assert (planted.plan(ENTITY, 3, UPDATE).scores == ()) == hit


def test_create_is_spared() -> None:
    """Whatever goes wrong is to go wrong in the pair."""
    planted = Planted([FaultName.ROLLED_BACK_INSERT, FaultName.LATE_COPY], FaultSettings(rolled_back_share=1))
    assert not planted.rolls_back(KEY, CREATE)
    assert [planted.lateness_s(KEY, method) for method in (CREATE, UPDATE, SUBMIT)] == [0, 5, 5]


def test_updates_host_is_behind() -> None:
    planted = Planted([FaultName.CLOCK_SKEW])
    assert [planted.skew(method) for method in (CREATE, SUBMIT)] == [timedelta(), timedelta()]
    assert planted.skew(UPDATE) == timedelta(milliseconds=-50)


def test_a_narrowed_scorecard_has_lost_what_it_is_said_to_lose() -> None:
    entity = narrowed(ENTITY)
    cut = NOW.replace(microsecond=0)
    times = {"submitted_at": cut, "created_at": cut, "updated_at": cut}
    assert entity.header == replace(HEADER, overall_score=0.10000000149011612, **times)
    assert entity.scores == (replace(SCORES[0], numeric_value=0.10000000149011612, ai_value=0.0),)
    assert narrowed(replace(ENTITY, header=replace(HEADER, submitted_at=None))).header.submitted_at is None


def test_a_delete_takes_the_drafts_version() -> None:
    plan = Planted([FaultName.VERSIONLESS_DELETE]).plan(ENTITY, 3, SUBMIT)
    assert plan.headers == ((HeaderVersion(HEADER, 2, deleted=True), HeaderVersion(HEADER, 2)),)
    assert plan.scores == ((ScoresVersion(SCORES, 2, deleted=True), ScoresVersion(SCORES, 2)),)
    assert Planted([FaultName.VERSIONLESS_DELETE]).plan(ENTITY, 3, UPDATE) == CopyPlan.of(ENTITY, 3)


class TestReplacedScores:
    CHANGED = replace(ENTITY, scores=(replace(SCORES[0], numeric_value=2.0),))

    def test_the_first_copy_has_nothing_to_take_out(self) -> None:
        assert ReplacedScores().plan(ENTITY, 1) == CopyPlan.of(ENTITY, 1)

    def test_changed_scores_take_out_the_old_ones_under_their_version(self) -> None:
        replaced = ReplacedScores()
        replaced.plan(ENTITY, 1)
        plan = replaced.plan(self.CHANGED, 2)
        assert plan.scores == ((ScoresVersion(SCORES, 1, deleted=True),), (ScoresVersion(self.CHANGED.scores, 2),))
        assert plan.headers == CopyPlan.of(self.CHANGED, 2).headers

    def test_unchanged_scores_keep_their_version(self) -> None:
        replaced = ReplacedScores()
        replaced.plan(ENTITY, 1)
        plan = replaced.plan(ENTITY, 2)
        assert plan.scores == ((ScoresVersion(SCORES, 1, deleted=True),), (ScoresVersion(SCORES, 1),))

    def test_an_overtaken_copy_takes_nothing_out(self) -> None:
        replaced = ReplacedScores()
        replaced.plan(self.CHANGED, 2)
        assert replaced.plan(ENTITY, 1) == CopyPlan.of(ENTITY, 1)

    def test_only_the_same_block_is_repeated(self) -> None:
        replaced = ReplacedScores()
        block = (ScoresVersion(SCORES, 1),)
        assert [replaced.is_repeated(KEY, block) for _ in range(2)] == [False, True]
        assert not replaced.is_repeated(KEY, (ScoresVersion(SCORES, 1, deleted=True),))
        assert not replaced.is_repeated(Key("c", "p", "other"), block)
