"""How a list of api-delays is written: numbers, ranges `0:100:10`, and logarithmic grids `log:1:1000:10`."""

import math
from itertools import pairwise

MOST_DELAYS = 1000


def parse_delays(text: str) -> tuple[float, ...]:
    """Return the api-delays in ms of a comma-separated list. Raises ValueError with what is wrong.

    `START:STOP:STEP` stands for the numbers from START to STOP, both included, STEP apart; `log:START:STOP:COUNT` for so many numbers
    whose ratios are even, rounded to two digits, or to so many that no two are the same. What such a part has in common with the rest
    of the list counts once.
    """
    parts = [part.strip() for part in text.split(",")]
    delays_ms = [delay_ms for part in parts for delay_ms in _expand(part)]
    if ":" in text:
        delays_ms = list(dict.fromkeys(delays_ms))
    if len(delays_ms) > MOST_DELAYS:
        raise ValueError(_too_many(text, len(delays_ms)))
    return tuple(delays_ms)


def _expand(part: str) -> list[float]:
    pieces = part.split(":")
    if len(pieces) == 1:
        return [_number(part)]
    if pieces[0] == "log":
        if len(pieces) != 4:
            raise ValueError(f"{part!r} is not a grid: write log:START:STOP:COUNT, as log:1:1000:10")
        return _grid(part, _number(pieces[1]), _number(pieces[2]), pieces[3])
    if len(pieces) != 3:
        raise ValueError(f"{part!r} is not a range: write START:STOP:STEP, as 0:100:10, or log:START:STOP:COUNT")
    return _range(part, *map(_number, pieces))


def _range(part: str, start_ms: float, stop_ms: float, step_ms: float) -> list[float]:
    if step_ms == 0:
        raise ValueError(f"{part!r} has a step of 0 ms: it must be more")
    if stop_ms < start_ms:
        raise ValueError(f"{part!r} runs backwards: START must not be more than STOP")
    # By a hair more, so that 0:1:0.1 has its end.
    count = math.floor((stop_ms - start_ms) / step_ms + 1e-9) + 1
    if count > MOST_DELAYS:
        raise ValueError(_too_many(part, count))
    return [round(start_ms + index * step_ms, 9) for index in range(count)]


def _grid(part: str, start_ms: float, stop_ms: float, count_text: str) -> list[float]:
    if not count_text.isdecimal() or int(count_text) < 2:
        raise ValueError(f"{part!r} needs a whole COUNT of 2 or more, not {count_text!r}")
    count = int(count_text)
    if count > MOST_DELAYS:
        raise ValueError(_too_many(part, count))
    if not 0 < start_ms < stop_ms:
        raise ValueError(f"{part!r} needs 0 < START < STOP, since ratios are even: add 0 by itself, as 0,{part}")
    exact = [start_ms * (stop_ms / start_ms) ** (index / (count - 1)) for index in range(count)]
    for digits in range(2, 16):
        rounded = [start_ms, *(float(f"{delay_ms:.{digits}g}") for delay_ms in exact[1:-1]), stop_ms]
        if all(one < other for one, other in pairwise(rounded)):
            return rounded
    raise ValueError(f"{part!r} has its numbers too close together")


def _number(text: str) -> float:
    try:
        delay_ms = float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number of milliseconds") from None
    if not math.isfinite(delay_ms) or delay_ms < 0:
        raise ValueError(f"{text.strip()} ms is not a delay: it must be 0 or more")
    return delay_ms


def _too_many(part: str, count: int) -> str:
    return f"{part!r} has {count} api-delays, more than the {MOST_DELAYS} that one run may have"
