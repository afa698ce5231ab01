"""The faults as data: what each changes of a behaviour, of the ClickHouse tables and of the engine's settings.

The faults that are not here change single copies or calls: `planted` and `rows` say how.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import Any

from harness.errors import UsageError
from harness.scenario import FaultName
from harness.service.behaviours import Behaviour, Delivery, History, Load, Payload, Save, Timestamps, Version
from harness.service.schema import TableFaults

BEHAVIOUR_CHANGES: dict[FaultName, dict[str, Enum]] = {
    FaultName.STALE_CLOSURE: {"load": Load.EARLY_AND_LOCKED, "payload": Payload.CLOSURE},
    FaultName.UNORDERED_TASKS: {"payload": Payload.REREAD, "version": Version.WRITE_TIME},
    FaultName.SECOND_VERSION: {"version": Version.UPDATED_AT_SECOND},
    FaultName.NOW_INVERSION: {"timestamps": Timestamps.TRANSACTION_START, "version": Version.UPDATED_AT},
    FaultName.CLOCK_SKEW: {"timestamps": Timestamps.HOSTS, "version": Version.UPDATED_AT},
    FaultName.FULL_ROW_SAVE: {"load": Load.EARLY_AND_LOCKED, "save": Save.WHOLE_ROW},
    # The audit row leaves the statement that it shared. In the transaction its number is a sound version: drawn under the row's lock.
    FaultName.HISTORY_OUTSIDE: {
        "history": History.WITH_COPY,
        "save": Save.OMIT_SUBMIT,
        "version": Version.HISTORY_ID,
    },
}

TABLE_CHANGES = {
    # Blocks are compared as they arrive, so that rows of several copies in one block would hide that one of them is there again.
    FaultName.BLOCK_DEDUPLICATION: TableFaults(
        both="SETTINGS non_replicated_deduplication_window = 1000", grouped=False
    ),
    FaultName.PARTITION_BY_STATUS: TableFaults(headers="PARTITION BY isNull(submitted_at)"),
}

ENGINE_SETTINGS = {FaultName.PARTITION_BY_STATUS: {"do_not_merge_across_partitions_select_final": "1"}}


def changed_behaviour(behaviour: Behaviour, faults: Iterable[FaultName]) -> Behaviour:
    """Return the behaviour with the faults' changes. Raises UsageError where two contradict one another, or with an outbox.

    The faults are those of copies by tasks; what a relay does would only hide them.
    """
    faults = tuple(faults)
    if faults and behaviour.delivery is Delivery.OUTBOX:
        raise UsageError("faults cannot be planted in the behaviour outbox; use cure")
    made: dict[str, tuple[FaultName, Any]] = {}
    for fault in faults:
        for field, value in BEHAVIOUR_CHANGES.get(fault, {}).items():
            other, before = made.setdefault(field, (fault, value))
            if before is not value:
                raise UsageError(f"the faults {other} and {fault} cannot be planted together: both set the {field}")
    return replace(behaviour, **{field: value for field, (_, value) in made.items()})


def table_faults(faults: Iterable[FaultName]) -> TableFaults:
    """Return what the faults add to the ClickHouse tables."""
    changes = [TABLE_CHANGES[fault] for fault in faults if fault in TABLE_CHANGES]
    return TableFaults(
        " ".join(change.headers for change in changes),
        " ".join(change.both for change in changes),
        all(change.grouped for change in changes),
    )


def engine_settings(faults: Iterable[str]) -> dict[str, str]:
    """Return the ClickHouse settings that the faults make the default of every user, the harness's reader among them."""
    return {name: value for fault in faults for name, value in ENGINE_SETTINGS.get(FaultName(fault), {}).items()}
