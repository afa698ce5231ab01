"""The model of the production worker queue: how long a copy waits between its payload and its write.

It is a model, tuned so that the behaviour `fix3` shows the field's curve (10-20 % stale below 10 ms, about none from 100 ms), and nothing
else in this project may be tuned to that end. Most copies pass quickly; some are held up behind other work. What is drawn is when a copy
writes, never what a verdict will be: that follows from what was read and written in which order.
"""

import hashlib
import math
from statistics import NormalDist

from pydantic import BaseModel, ConfigDict, Field

NORMAL = NormalDist()


class LatencyModel(BaseModel):
    """A mixture of two log-normal delays, each given by its median in ms and the sigma of its logarithm."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    median_ms: float = Field(2.0, gt=0)
    sigma: float = Field(0.3, ge=0)
    slow_share: float = Field(0.15, ge=0, le=1)
    slow_median_ms: float = Field(20.0, gt=0)
    slow_sigma: float = Field(0.4, ge=0)

    def delay_ms(self, seed: int, scorecard: str, method: str) -> float:
        """Return the delay of one copy: a pure function of its arguments, whatever order copies start in."""
        digest = hashlib.blake2b(f"{seed}:{scorecard}:{method}".encode(), digest_size=16).digest()
        chooser, place = (_uniform(digest[:8]), _uniform(digest[8:]))
        slow = chooser < self.slow_share
        median_ms, sigma = (self.slow_median_ms, self.slow_sigma) if slow else (self.median_ms, self.sigma)
        return median_ms * math.exp(sigma * NORMAL.inv_cdf(place))


def _uniform(digest: bytes) -> float:
    """Return a number in the open interval (0, 1) from eight bytes; half steps keep both ends out."""
    return ((int.from_bytes(digest, "big") >> 11) + 0.5) / 2**53
