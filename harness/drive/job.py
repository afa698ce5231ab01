"""What the firing processes are handed."""

from pathlib import Path

from pydantic import BaseModel

from harness.drive.target import Target
from harness.scenario import Scenario


class Job(BaseModel):
    """A run's calls, or one of several processes' share of them. `log_folder` is removed in the end by the process that it was given to."""

    scenario: Scenario
    target: Target
    log_folder: Path
    worker: int = 0

    @property
    def resource_parent(self) -> str:
        """Under which scorecards are made."""
        return f"customers/{self.scenario.target.customer}/profiles/{self.scenario.target.profile}"

    @property
    def permits(self) -> int:
        """How many iterations this process may have between arrival and verdict: its share of the concurrency."""
        workers = self.scenario.firing.workers
        return self.scenario.concurrency // workers + (self.worker < self.scenario.concurrency % workers)
