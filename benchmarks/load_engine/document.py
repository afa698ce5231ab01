"""The page `docs/benchmarks.md`: what ran where, the tables, what they mean, and what they do not say."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.load_engine.tables import Table

INTRODUCTION = """\
# The firing engine, measured

This page is written by `{command}` ({date}): do not edit it.
{machine}. {versions}.

Every side runs in a process of its own on one core, with {scheduling} scheduling at the set rates, against one trivial
gRPC target on {place}, which answers everything at once and notes when each call arrived. Every pair is a Create, then Update,
and Submit a set delay after the start of Update. Sides take turns at each load; the delays of a segment take turns too.
Repetitions: {repeat}.
"""

CLOSING = """\
## What the figures are

- **Client gap error**: the time between the instants at which the two calls were handed to gRPC, less the delay asked for. `min` has its
  sign; p50 and p99 are of its size, so that a call too early is as wrong as one too late. `L/e` is Locust's p99 over the engine's.
- **Gap error at the wire**: the same from the arrivals at the target. Both calls in one read have one instant. It holds the target's own
  delays too. `inv.` counts pairs that arrived in the other order.
- **engine**: the harness's own `Dispatcher` and `CoachingClient`, set up as its firing process sets them up, with the content of each pair
  made while firing. It burns CPU to be exact: it polls its loop for the last 2 ms before each second call.
- **Locust**: one shared channel, the interceptor that reports to Locust's statistics, the first call in a greenlet,
  `gevent.sleep(delay)`, the second call; users begin evenly spread. It gets the same core and the same scheduling.
- **raw loop**: grpc.aio on uvloop with `asyncio.sleep` and nothing around it. uvloop's timers fire up to a ms early.
- **one read**: pairs fired at least 1 ms apart whose calls the target got together. Either the client held the first one back, whose gRPC
  threads have no priority and wait while its loop polls, or the target was late.
- **ms waited**: for how long, in all, the main thread of either end was ready to run and kept from its core by something else on the
  machine. Where that is much, the figures are the machine's.
- **Highest sustained pair rate**: as many pairs in flight as stated, at delay 0, each followed by the next as soon as it was answered. The
  best number in flight of each side counts. CPU is that of the whole process. No side claims a priority here: on a single core that
  would keep gRPC's own threads waiting.
- **Stopped target**: SIGSTOP for a second in the middle of the run. `benchmarks/load_engine/stopped.py` derives the analytic value.

## What they are not

- No measure of the target or of a network: both ends are on one machine, over loopback, without TLS and without a token.
- Not the cost of a whole run: verifying and reporting happen in another process, and handing the records over is not part of this.
- Not a Locust with worker processes: all sides have one core.
- Seconds hold on this machine alone; the ratios are what to compare. The machine was not reserved: what else ran met all sides alike.
"""


def machine() -> dict[str, Any]:
    """Return what the run ran on; nothing that names the machine."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "processor": model[1].strip() if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"Linux {platform.release().partition('-')[0]}",
        "load_average": round(os.getloadavg()[0], 2),
    }


def versions(locust: dict[str, str] | None) -> dict[str, str]:
    """Return the versions of what took part; `locust` those that Locust's interpreter told."""
    ours = {"Python": platform.python_version()} | {name: version(name) for name in ("grpcio", "uvloop", "protobuf")}
    return ours | (locust or {})


def report(
    figures: dict[str, Any], command: str, settings: dict[str, Any], locust: dict[str, str] | None
) -> dict[str, Any]:
    """Return the whole JSON document."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": command,
        "machine": machine(),
        "versions": versions(locust),
        "settings": settings,
        **figures,
    }


def page(document: dict[str, Any], tables: Sequence[Table]) -> str:
    """Return the page."""
    of = document["machine"]
    introduction = INTRODUCTION.format(
        command=document["command"],
        date=document["date"],
        machine=f"{of['processor']}, {of['cores']} cores, {of['system']}, load average {of['load_average']} after the run",
        versions=", ".join(f"{name} {number}" for name, number in document["versions"].items()),
        scheduling=document["settings"]["scheduling"],
        place=document["settings"]["place"],
        repeat=document["settings"]["repeat"],
    )
    parts = [introduction]
    for title, lines in tables:
        parts.append("\n".join((f"## {title}", "```", *lines, "```", "")))
    return "\n".join([*parts, CLOSING])
