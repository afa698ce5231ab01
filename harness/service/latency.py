"""How long a copy waits between its payload and its write, by the model of the production worker queue.

Most copies pass quickly; some are held up behind other work. What is drawn is when a copy writes, never what a verdict will be: that
follows from what was read and written in which order.
"""

import hashlib
import math
from statistics import NormalDist

from harness.scenario import CopyLatency

NORMAL = NormalDist()


def draw_delay_ms(model: CopyLatency, seed: int, copy: str, method: str) -> float:
    """Return the delay of one copy, named in any way: a pure function of its arguments."""
    digest = hashlib.blake2b(f"{seed}:{copy}:{method}".encode(), digest_size=16).digest()
    chooser, place = uniform(digest[:8]), uniform(digest[8:])
    slow = chooser < model.slow_share
    median_ms, sigma = (model.slow_median_ms, model.slow_sigma) if slow else (model.median_ms, model.sigma)
    return median_ms * math.exp(sigma * NORMAL.inv_cdf(place))


def uniform(digest: bytes) -> float:
    """Return a number in the open interval (0, 1) from eight bytes; half steps keep both ends out."""
    return ((int.from_bytes(digest, "big") >> 11) + 0.5) / 2**53
