"""What can be explored: the behaviours, and the faults that the order of the steps alone decides."""

from dataclasses import dataclass

from harness.explore.schedule import Schedule, count, interleavings, steps_of
from harness.model import Order
from harness.scenario import BehaviourName, FaultName
from harness.service.behaviours import BEHAVIOURS, Behaviour, Delivery
from harness.service.faults.changes import changed_behaviour
from harness.service.steps import Step

# Beside the order something else decides these: a clock, a share of the calls or copies, or a setting of the whole engine.
NOT_BY_ORDER = {
    FaultName.SECOND_VERSION,
    FaultName.CLOCK_SKEW,
    FaultName.LATE_COPY,
    FaultName.DROPPED_COPY,
    FaultName.ROLLED_BACK_INSERT,
    FaultName.SPLIT_INSERT_CRASH,
    FaultName.PARTITION_BY_STATUS,
}
# The outbox's relay takes its rows one after the other: its copies have no order but that of the commits.
EXPLORABLE_BEHAVIOURS = tuple(name for name in BehaviourName if BEHAVIOURS[name].delivery is Delivery.TASK)
EXPLORABLE_FAULTS = tuple(fault for fault in FaultName if fault not in NOT_BY_ORDER)


@dataclass(frozen=True, slots=True)
class Subject:
    """One behaviour with faults planted in it; with an `order`, only the interleavings that begin with its first call."""

    name: BehaviourName
    faults: tuple[FaultName, ...] = ()
    order: Order | None = None

    @property
    def behaviour(self) -> Behaviour:
        """What the service does. Raises UsageError where two of the faults exclude each other."""
        return changed_behaviour(BEHAVIOURS[self.name], self.faults)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of each call."""
        return steps_of(self.behaviour)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every interleaving."""
        return interleavings(self.steps, self.order)

    @property
    def expected(self) -> int:
        """How many there are, by the formula."""
        return count(self.steps, self.order)
