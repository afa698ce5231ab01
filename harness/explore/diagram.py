"""An interleaving as text: what each call does, one below the other, in two lanes. Pure."""

from harness.explore.schedule import PAIR, Schedule

LANE_WIDTH = 20


def diagram(schedule: Schedule) -> list[str]:
    """Return the lines: a heading, then one for each turn, its step in its call's lane."""
    heading = "".join(f"{method:<{LANE_WIDTH}}" for method in PAIR)
    lines = [f"     {heading}"]
    for place, turn in enumerate(schedule, 1):
        indent = LANE_WIDTH * PAIR.index(turn.method)
        lines.append(f"{place:>3}  {'':<{indent}}{turn.step}")
    return [line.rstrip() for line in lines]
