"""Resource names: `customers/C/profiles/P/scorecards/ID` and the key that both stores keep it under."""

import re
from functools import lru_cache
from typing import NamedTuple

from harness.errors import UsageError

# A scorecard is looked at several times before its verdict; more than these are not often waited for at once.
KEPT_NAMES = 20_000
# Neither a NUL nor a byte that was no UTF-8 can stand in PostgreSQL's text.
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")


class ScorecardName(NamedTuple):
    """A scorecard's name, taken apart. A tuple, which thousands of are hashed for every look at the stores."""

    customer: str
    profile: str
    scorecard: str

    @staticmethod
    @lru_cache(KEPT_NAMES)
    def parse(name: str) -> "ScorecardName":
        """Return the parts of a resource name. Raises UsageError for anything else."""
        match name.split("/"):
            case ["customers", customer, "profiles", profile, "scorecards", scorecard] if (
                customer and profile and scorecard and _storable(name)
            ):
                return ScorecardName(customer, profile, scorecard)
        raise UsageError(f"{name!r} is not a scorecard's name: it must read customers/C/profiles/P/scorecards/ID")

    def __str__(self) -> str:
        return f"customers/{self.customer}/profiles/{self.profile}/scorecards/{self.scorecard}"


def _storable(name: str) -> bool:
    return "\0" not in name if name.isascii() else not _UNSTORABLE.search(name)
