"""On which scorecards a fault took effect, by what the service did."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.scenario import FaultName
from harness.service.faults.ledger import RULES, Ledger, Rule
from harness.service.records import Entity, HeaderRow, Key, ScoreRow

KEY = Key("c", "p", "s")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HEADER = HeaderRow("t", "a", "k", 1.0, None, "", NOW, NOW)
SCORES = (ScoreRow("a", 1.0, None, None, False, False),)
DRAFT = Entity(KEY, HEADER, SCORES, 1)
UPDATED = Entity(KEY, replace(HEADER, overall_score=2.0), (replace(SCORES[0], numeric_value=2.0),), 2)
WRONG = [fault for fault, rule in RULES.items() if rule is Rule.TOLD_WRONG]
BOTH = [fault for fault, rule in RULES.items() if rule is Rule.HAPPENED_AND_TOLD_WRONG]
HAPPENED = [fault for fault, rule in RULES.items() if rule is Rule.HAPPENED]


def told(ledger: Ledger, entity: Entity, version: int) -> None:
    ledger.told_header(KEY, version, entity.header)
    ledger.told_scores(KEY, version, entity.scores)


def ledger_of(fault: FaultName, *copies: tuple[Entity, int]) -> Ledger:
    """The ledger of a draft that was updated and of its copies with their versions, in the order in which they were handed over."""
    ledger = Ledger([fault])
    for entity in (DRAFT, UPDATED):
        ledger.committed(entity)
    for entity, version in copies:
        told(ledger, entity, version)
    return ledger


def test_every_fault_has_its_rule() -> None:
    assert set(RULES) == set(FaultName)
    assert WRONG and BOTH and HAPPENED


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize(
    ("copies", "wrong"),
    [
        ([(DRAFT, 1), (UPDATED, 2)], False),
        ([(UPDATED, 2), (DRAFT, 1)], False),
        ([(DRAFT, 2), (UPDATED, 1)], True),
        ([(DRAFT, 1), (UPDATED, 1)], False),
        ([(UPDATED, 1), (DRAFT, 1)], True),
        ([(DRAFT, 1)], True),
        ([], True),
    ],
)
def test_the_highest_version_counts_and_the_last_of_a_tie(
    fault: FaultName, copies: list[tuple[Entity, int]], wrong: bool
) -> None:
    assert ledger_of(fault, *copies).affected(KEY) == ([fault] if wrong else [])


def test_the_last_state_is_the_one_of_the_highest_revision() -> None:
    ledger = Ledger([FaultName.STALE_CLOSURE])
    for entity in (UPDATED, DRAFT):
        ledger.committed(entity)
    told(ledger, UPDATED, 2)
    assert ledger.affected(KEY) == []


def test_a_tombstone_shows_nothing() -> None:
    ledger = ledger_of(FaultName.VERSIONLESS_DELETE, (UPDATED, 2))
    ledger.told_header(KEY, 2, None)
    assert ledger.affected(KEY) == [FaultName.VERSIONLESS_DELETE]


def test_scores_that_were_not_told_are_missed() -> None:
    ledger = ledger_of(FaultName.LOSSY_MAPPING, (DRAFT, 1))
    ledger.told_header(KEY, 2, UPDATED.header)
    assert ledger.affected(KEY) == [FaultName.LOSSY_MAPPING]


@pytest.mark.parametrize("fault", BOTH)
def test_what_a_later_copy_made_good_took_no_effect(fault: FaultName) -> None:
    ledger = ledger_of(fault, (DRAFT, 1))
    assert ledger.affected(KEY) == []
    ledger.happened(KEY, fault)
    assert ledger.affected(KEY) == [fault]
    told(ledger, UPDATED, 2)
    assert ledger.affected(KEY) == []


@pytest.mark.parametrize("fault", HAPPENED)
def test_what_happened_took_effect_whatever_was_told(fault: FaultName) -> None:
    ledger = ledger_of(fault, (UPDATED, 2))
    assert ledger.affected(KEY) == []
    ledger.happened(KEY, fault)
    assert ledger.affected(KEY) == [fault]


def test_both_partitions_are_needed() -> None:
    submitted = replace(UPDATED, header=replace(HEADER, submitted_at=NOW))
    ledger = ledger_of(FaultName.PARTITION_BY_STATUS, (submitted, 2))
    assert ledger.affected(KEY) == []
    told(ledger, DRAFT, 1)
    assert ledger.affected(KEY) == [FaultName.PARTITION_BY_STATUS]


def test_scorecards_are_kept_apart_and_unknown_ones_are_not_affected() -> None:
    ledger = ledger_of(FaultName.STALE_CLOSURE, (DRAFT, 1))
    assert ledger.affected(Key("c", "p", "other")) == []


def test_without_faults_nothing_is_kept() -> None:
    ledger = Ledger([])
    ledger.committed(DRAFT)
    ledger.happened(KEY, FaultName.LATE_COPY)
    assert ledger.affected(KEY) == []
    assert ledger._entries == {}
