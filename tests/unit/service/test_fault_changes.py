"""The faults as data."""

from dataclasses import fields

import pytest

from harness.errors import UsageError
from harness.scenario import BehaviourName, FaultName
from harness.service.behaviours import BEHAVIOURS, Behaviour, Payload, Version
from harness.service.faults.changes import (
    BEHAVIOUR_CHANGES,
    TABLE_CHANGES,
    changed_behaviour,
    engine_settings,
    table_faults,
)
from harness.service.schema import NO_TABLE_FAULTS, clickhouse_ddl

CURE = BEHAVIOURS[BehaviourName.CURE]


@pytest.mark.parametrize("fault", FaultName)
def test_a_fault_changes_what_it_says_and_nothing_else(fault: FaultName) -> None:
    changed = changed_behaviour(CURE, [fault])
    said = BEHAVIOUR_CHANGES.get(fault, {})
    for field in fields(Behaviour):
        expected = said.get(field.name, getattr(CURE, field.name))
        assert getattr(changed, field.name) is expected
    assert bool(said) == (changed != CURE)


def test_faults_that_agree_or_do_not_meet_can_be_planted_together() -> None:
    changed = changed_behaviour(CURE, [FaultName.FULL_ROW_SAVE, FaultName.SECOND_VERSION, FaultName.LATE_COPY])
    assert (changed.version, changed.payload) == (Version.UPDATED_AT_SECOND, Payload.TRANSACTION)
    assert changed_behaviour(CURE, [FaultName.STALE_CLOSURE, FaultName.FULL_ROW_SAVE]).payload is Payload.CLOSURE


def test_faults_that_contradict_one_another_are_refused() -> None:
    with pytest.raises(UsageError, match=r"^the faults clock_skew and second_version cannot .* both set the version$"):
        changed_behaviour(CURE, [FaultName.CLOCK_SKEW, FaultName.SECOND_VERSION])


def test_an_outbox_takes_no_faults() -> None:
    outbox = BEHAVIOURS[BehaviourName.OUTBOX]
    assert changed_behaviour(outbox, []) == outbox
    with pytest.raises(UsageError, match="outbox"):
        changed_behaviour(outbox, [FaultName.LATE_COPY])


@pytest.mark.parametrize("fault", FaultName)
def test_only_the_tables_faults_change_the_tables(fault: FaultName) -> None:
    plain = clickhouse_ddl(datetime64=True)
    assert (clickhouse_ddl(datetime64=True, faults=table_faults([fault])) != plain) == (fault in TABLE_CHANGES)
    assert (table_faults([fault]) == NO_TABLE_FAULTS) == (fault not in TABLE_CHANGES)


def test_the_tables_faults_can_be_planted_together() -> None:
    both = table_faults(TABLE_CHANGES)
    headers, scores = clickhouse_ddl(datetime64=True, faults=both)
    assert "PARTITION BY isNull(submitted_at) SETTINGS non_replicated_deduplication_window" in headers
    assert "PARTITION BY" not in scores and "deduplication_window" in scores
    assert not both.grouped


def test_only_the_partitions_fault_needs_a_setting() -> None:
    assert engine_settings(["late_copy", "dropped_copy"]) == {}
    assert engine_settings(FaultName) == {"do_not_merge_across_partitions_select_final": "1"}
