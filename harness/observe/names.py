"""Resource names: `customers/C/profiles/P/scorecards/ID` and the key that both stores keep it under."""

import re
from typing import NamedTuple

from harness.errors import UsageError

# Neither a NUL nor a byte that was no UTF-8 can stand in PostgreSQL's text.
_PART = r"([^/\0\ud800-\udfff]+)"
_NAME = re.compile(f"customers/{_PART}/profiles/{_PART}/scorecards/{_PART}")


class ScorecardName(NamedTuple):
    """A scorecard's name, taken apart. A tuple, which thousands of are hashed for every look at the stores."""

    customer: str
    profile: str
    scorecard: str

    @classmethod
    def parse(cls, name: str) -> "ScorecardName":
        """Return the parts of a resource name. Raises UsageError for anything else."""
        match = _NAME.fullmatch(name)
        if match is None:
            raise UsageError(f"{name!r} is not a scorecard's name: it must read customers/C/profiles/P/scorecards/ID")
        return cls(*match.groups())

    def __str__(self) -> str:
        return f"customers/{self.customer}/profiles/{self.profile}/scorecards/{self.scorecard}"
