"""What a calibration found, as versioned plain data: `calibration.json`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from harness.report.document import Document, Machine, TargetVersions

SCHEMA_VERSION: Literal[1] = 1


class Bound(Document):
    """One thing that must hold."""

    what: str
    measured: str
    met: bool


class CurvePoint(Document):
    """One behaviour at one api-delay."""

    api_delay_ms: float
    judged: int
    failures: int
    failure_rate: float | None
    failure_rate_low: float | None
    failure_rate_high: float | None
    postgres_wrong: int
    errors: int


class Detection(Document):
    """One experiment with a fault, or a clean one: how its iterations were judged."""

    iterations: int
    errors: int
    affected: int = Field(description="iterations in which the service says that the fault took effect, errors not")
    detected: int = Field(description="of these, those whose verdict is a failure")
    right_verdict: int = Field(description="of those detected, those with the verdict that the fault stands for")
    right_cause: int = Field(
        description="of those detected, those with that verdict and the class of the fault's cause"
    )
    falsely_accused: int = Field(description="failures among the iterations in which nothing took effect")
    classes: dict[str, int] = Field(
        description="per class of cause, the failures that it was told of; none where no cause was"
    )


class ExperimentResult(Document):
    """One experiment."""

    name: str
    kind: Literal["behaviour", "fault", "control"]
    behaviour: str
    faults: list[str]
    api_delays_ms: list[float]
    order: str
    expected_verdict: str | None
    expected_cause: str | None
    detection: Detection
    curve: list[CurvePoint]
    bounds: list[Bound]
    seconds: float


class Calibration(Document):
    """`calibration.json`."""

    schema_version: Literal[1] = SCHEMA_VERSION
    started_at: datetime
    finished_at: datetime | None
    status: Literal["complete", "partial", "failed"]
    harness_version: str
    command: str
    quick: bool
    seed: int
    target: TargetVersions
    machine: Machine
    experiments: list[ExperimentResult]

    @property
    def met(self) -> bool:
        """Whether every bound of every experiment is met."""
        return all(bound.met for result in self.experiments for bound in result.bounds)
