"""The service's history, row by row, as the incident's report tells it."""

from dataclasses import FrozenInstanceError, fields

import pytest

from harness.scenario import BehaviourName
from harness.service.behaviours import BEHAVIOURS, Behaviour, Delivery, History, Load, Payload, Save, Version

AS_FOUND, FIX1, FIX2, FIX3, CURE, OUTBOX = (BEHAVIOURS[name] for name in BehaviourName)


def changed(before: Behaviour, after: Behaviour) -> set[str]:
    return {field.name for field in fields(Behaviour) if getattr(before, field.name) != getattr(after, field.name)}


def test_every_name_has_its_behaviour() -> None:
    assert set(BEHAVIOURS) == set(BehaviourName)


def test_as_found_writes_history_late_and_what_the_call_held() -> None:
    assert (AS_FOUND.history, AS_FOUND.load) == (History.AFTER_COMMIT, Load.BEFORE_TRANSACTION)
    assert (AS_FOUND.save, AS_FOUND.payload, AS_FOUND.version) == (Save.WHOLE_ROW, Payload.CLOSURE, Version.WRITE_TIME)


def test_fix1_changes_the_version_alone() -> None:
    assert changed(AS_FOUND, FIX1) == {"version"}
    assert FIX1.version is Version.UPDATED_AT


def test_fix2_is_atomic_and_reads_again() -> None:
    assert changed(AS_FOUND, FIX2) == {"history", "payload"}
    assert (FIX2.history, FIX2.payload) == (History.IN_TRANSACTION, Payload.REREAD)


def test_fix3_changes_the_save_alone() -> None:
    assert changed(FIX2, FIX3) == {"save"}
    assert FIX3.save is Save.OMIT_SUBMIT


def test_cure_loads_under_the_lock_and_takes_payload_and_version_from_there() -> None:
    assert changed(FIX3, CURE) == {"load", "save", "payload", "version"}
    assert (CURE.load, CURE.save) == (Load.LOCKED, Save.AT_ONCE)
    assert (CURE.payload, CURE.version) == (Payload.TRANSACTION, Version.REVISION)


def test_outbox_changes_what_makes_the_copy_and_reads_it_then() -> None:
    assert changed(CURE, OUTBOX) == {"delivery", "payload"}
    assert (OUTBOX.delivery, OUTBOX.payload) == (Delivery.OUTBOX, Payload.REREAD)


def test_a_behaviour_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        FIX3.save = Save.WHOLE_ROW  # type: ignore[misc]
