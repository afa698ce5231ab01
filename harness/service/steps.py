"""The steps of a write call and its copy, and the seam at which somebody else may decide in which order they are done."""

from enum import StrEnum

from harness.service.records import Key


class Step(StrEnum):
    """What a call or its copy is about to do."""

    LOAD = "load"
    """Read the scorecard before its transaction."""
    BEGIN = "begin"
    """Begin its transaction."""
    COMMIT = "commit"
    """Take the row's lock, write and commit; and write the audit rows, where they follow the commit."""
    READ = "read"
    """Read the scorecard again, to copy it."""
    HISTORY = "history"
    """Write the audit rows from the copy."""
    WRITE = "write"
    """Take the version, where it is when the copy writes, and write the copy to ClickHouse."""


class Steps:
    """Told of each step of an Update, a Submit and every copy before it is done. This one lets all pass."""

    async def at(self, step: Step, key: Key, method: str) -> None:
        """Return when the step may be done."""
