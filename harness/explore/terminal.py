"""What an exploration found, for a terminal of 80 columns."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from harness.check.anomalies import Anomaly
from harness.explore.diagram import diagram
from harness.explore.outcome import Explored, Outcome
from harness.explore.schedule import compact
from harness.service.steps import Step

WIDTH = 80
GAP = 3
MAX_ERRORS = 5
MAX_FIELDS = 3


def print_explored(explored: Sequence[Explored], console: Console | None = None) -> None:
    """Print the table, each behaviour's smallest counter-examples, and of a single behaviour all bad interleavings."""
    console = Console(highlight=False, markup=False) if console is None else console
    console.print(_table(explored))
    console.print(_legend(explored))
    for one in explored:
        _print_behaviour(one, console)
        if len(explored) == 1:
            _print_all(one, console)


def _legend(explored: Sequence[Explored]) -> str:
    used = {step for one in explored for step in one.steps}
    steps = ", ".join(f"{step[0].upper()} {step}" for step in Step if step in used)
    return f"steps: {steps}; U is Update's, S is Submit's"


def _table(explored: Sequence[Explored]) -> Table:
    title = "Every interleaving of one Update and one Submit"
    table = Table(title=title, title_justify="left", pad_edge=False, box=None)
    table.add_column("behaviour", no_wrap=True)
    table.add_column("steps", no_wrap=True)
    for heading in ("interleavings", "clean", "stale", "pg wrong", "errors", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in explored:
        table.add_row(
            one.behaviour,
            " ".join(step[0].upper() for step in one.steps),
            str(one.expected),
            str(one.number(lambda outcome: outcome.clean)),
            str(one.number(lambda outcome: outcome.stale)),
            str(one.number(lambda outcome: outcome.postgres_wrong)),
            str(one.number(lambda outcome: outcome.judgement is None)),
            f"{one.seconds:.1f}",
        )
    return table


def _print_behaviour(explored: Explored, console: Console) -> None:
    stale, wrong = explored.smallest_stale, explored.smallest_postgres_wrong
    if stale is None and wrong is None and explored.exhaustive:
        text = f"no interleaving leaves ClickHouse stale or PostgreSQL wrong, of all {explored.expected}"
        console.print(f"\n{explored.behaviour}: {text}", style="green")
    if stale is not None:
        number = explored.number(lambda outcome: outcome.stale)
        _print_example(f"{explored.behaviour}: {number} of {explored.expected} leave ClickHouse stale", stale, console)
    # Where the smallest of one kind is the smallest of the other too, its picture says both.
    if wrong is not None and wrong is not stale:
        number = explored.number(lambda outcome: outcome.postgres_wrong)
        _print_example(f"{explored.behaviour}: {number} of {explored.expected} leave PostgreSQL wrong", wrong, console)
    _print_errors(explored, console)


def _print_example(heading: str, outcome: Outcome, console: Console) -> None:
    console.print(f"\n{heading}; the smallest, number {outcome.number}:", style="red")
    for line in diagram(outcome.schedule):
        console.print(line)
    for line in _findings(outcome):
        console.print(Padding(line, (0, 0, 0, 5), expand=False))


def _findings(outcome: Outcome) -> Iterator[str]:
    judgement = outcome.judgement
    assert judgement is not None
    yield f"PostgreSQL: {_listed(judgement.postgres) if judgement.postgres else 'right'}"
    yield f"ClickHouse: {_listed(judgement.clickhouse) if judgement.clickhouse else 'tells what PostgreSQL holds'}"
    for anomaly in outcome.causes:
        yield f"cause {anomaly.anomaly_class}: {anomaly.explanation}"


def _listed(anomalies: Sequence[Anomaly]) -> str:
    """Return the classes with their fields."""
    fields: dict[str, list[str]] = {}
    for anomaly in anomalies:
        fields.setdefault(anomaly.anomaly_class, []).append(anomaly.field.removesuffix("_us"))
    return ", ".join(f"{name} ({_some(found)})" for name, found in fields.items())


def _some(fields: Sequence[str]) -> str:
    more = len(fields) - MAX_FIELDS
    return ", ".join(fields[:MAX_FIELDS]) + (f" and {more} more" if more > 0 else "")


def _print_all(explored: Explored, console: Console) -> None:
    """Print every bad interleaving by what it does wrong."""
    found: dict[str, list[str]] = {}
    for outcome in explored.outcomes:
        for kind in _kinds(outcome):
            found.setdefault(kind, []).append(compact(outcome.schedule))
    for kind, schedules in sorted(found.items()):
        console.print(f"\n{kind}: {len(schedules)}")
        side_by_side = WIDTH // (len(schedules[0]) + GAP)
        for place in range(0, len(schedules), side_by_side):
            console.print("  " + (" " * GAP).join(schedules[place : place + side_by_side]))


def _kinds(outcome: Outcome) -> Iterator[str]:
    classes = "".join(f", {anomaly.anomaly_class}" for anomaly in outcome.causes)
    if outcome.stale and outcome.postgres_wrong:
        yield f"ClickHouse stale and PostgreSQL wrong{classes}"
    elif outcome.stale:
        yield f"ClickHouse stale{classes}"
    elif outcome.postgres_wrong:
        yield f"PostgreSQL wrong{classes}"


def _print_errors(explored: Explored, console: Console) -> None:
    failed = [outcome for outcome in explored.outcomes if outcome.judgement is None]
    if not failed:
        return
    console.print(f"\n{explored.behaviour}: {len(failed)} could not be played, so nothing is proved", style="yellow")
    for outcome in failed[:MAX_ERRORS]:
        text = f"{outcome.number}  {compact(outcome.schedule)}: {outcome.error}"
        console.print(Padding(text, (0, 0, 0, 2), expand=False))
