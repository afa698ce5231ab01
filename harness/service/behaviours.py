"""The service's history as data: what each version of its code does where the versions differ."""

from dataclasses import dataclass
from enum import Enum, auto

from harness.scenario import BehaviourName


class History(Enum):
    """Where the audit rows are written."""

    AFTER_COMMIT = auto()
    IN_TRANSACTION = auto()
    WITH_COPY = auto()
    """After the commit too, by the asynchronous work, just before it writes to ClickHouse."""


class Load(Enum):
    """How a write call gets at the scorecard that it changes."""

    BEFORE_TRANSACTION = auto()
    """By a plain read before the transaction begins: what it changes may be old by then."""
    LOCKED = auto()
    """By SELECT ... FOR UPDATE inside the transaction."""
    EARLY_AND_LOCKED = auto()
    """By both: what the call keeps in memory, its closure and a whole row to save, is what the plain read gave."""


class Save(Enum):
    """What Update writes of the header, and how a write is put into statements."""

    WHOLE_ROW = auto()
    """Every column as it was loaded or changed, the submit columns too."""
    OMIT_SUBMIT = auto()
    """Every column but submitted_at and submitter_user_id."""
    AT_ONCE = auto()
    """Every column, the given scores and the audit rows in one statement, Submit's too. Under the row's lock nothing is old that is
    written back, and the lock is held for two round trips less, which makes up for those of the load under it."""


class Payload(Enum):
    """What the asynchronous copy carries to ClickHouse."""

    CLOSURE = auto()
    """The entity as the call held it in memory."""
    REREAD = auto()
    """The scorecard as PostgreSQL has it when the copy starts."""
    TRANSACTION = auto()
    """The scorecard as the call's own transaction left it: what was loaded under the row's lock, and changed."""


class Version(Enum):
    """The ClickHouse row's version."""

    WRITE_TIME = auto()
    """The writer's clock when it writes, in ns."""
    UPDATED_AT = auto()
    """PostgreSQL's updated_at of the payload, in us."""
    UPDATED_AT_SECOND = auto()
    """PostgreSQL's updated_at of the payload, in whole seconds."""
    HISTORY_ID = auto()
    """The number of the audit row that the copy belongs to."""
    REVISION = auto()
    """PostgreSQL's count of the row's writes, drawn under the row's lock: the order of the commits, whatever a clock says."""


class Timestamps(Enum):
    """Which clock gives updated_at."""

    SERVICE = auto()
    """The service's own."""
    HOSTS = auto()
    """That of the host that serves the method; the one that serves Update is behind."""
    TRANSACTION_START = auto()
    """PostgreSQL's now(), which is when the transaction began. Update's begins well before it takes the row's lock, since it reads the
    scorecard first to check what it was asked to change; Submit has nothing to check."""


class Delivery(Enum):
    """What makes the copy."""

    TASK = auto()
    """A task in the service's memory, started when the call has committed: it is lost with the process."""
    OUTBOX = auto()
    """A row of the same transaction, worked off by a relay, by the next process's where this one ends before."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One version of the service."""

    history: History
    load: Load
    save: Save
    payload: Payload
    version: Version
    timestamps: Timestamps = Timestamps.SERVICE
    delivery: Delivery = Delivery.TASK


BEHAVIOURS = {
    BehaviourName.AS_FOUND: Behaviour(
        History.AFTER_COMMIT, Load.BEFORE_TRANSACTION, Save.WHOLE_ROW, Payload.CLOSURE, Version.WRITE_TIME
    ),
    BehaviourName.FIX1: Behaviour(
        History.AFTER_COMMIT, Load.BEFORE_TRANSACTION, Save.WHOLE_ROW, Payload.CLOSURE, Version.UPDATED_AT
    ),
    BehaviourName.FIX2: Behaviour(
        History.IN_TRANSACTION, Load.BEFORE_TRANSACTION, Save.WHOLE_ROW, Payload.REREAD, Version.WRITE_TIME
    ),
    BehaviourName.FIX3: Behaviour(
        History.IN_TRANSACTION, Load.BEFORE_TRANSACTION, Save.OMIT_SUBMIT, Payload.REREAD, Version.WRITE_TIME
    ),
    # The highest version is always the last committed state, complete: in which order copies land no longer matters.
    BehaviourName.CURE: Behaviour(
        History.IN_TRANSACTION, Load.LOCKED, Save.AT_ONCE, Payload.TRANSACTION, Version.REVISION
    ),
    # The same, and no copy is lost with the process. One snapshot gives payload and version.
    BehaviourName.OUTBOX: Behaviour(
        History.IN_TRANSACTION,
        Load.LOCKED,
        Save.AT_ONCE,
        Payload.REREAD,
        Version.REVISION,
        delivery=Delivery.OUTBOX,
    ),
}
