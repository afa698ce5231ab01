"""How exactly and how fast this engine fires pairs of calls, beside Locust with gRPC and the bare floors, in one run.

    python -m benchmarks.load_engine [--quick] [--locust-python PYTHON] [--json FILE] [--markdown FILE]

Sides take turns on one core against one trivial target on another. The full run takes six minutes, `--quick` less than one; its p99
are those of few pairs.
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.load_engine.bounds import bounds
from benchmarks.load_engine.document import page, report
from benchmarks.load_engine.figures import figures_of
from benchmarks.load_engine.locust_python import locust_versions
from benchmarks.load_engine.measure import ENGINE, LOCUST, RAW, Measured, Plan, cores, measure
from benchmarks.load_engine.tables import tables

FULL = Plan(
    pythons={},
    repeat=4,
    seconds=5.0,
    idle_seconds=5.0,
    saturating_pairs=3000,
    in_flight=(16, 128),
    sleeps=25,
    stopped_seconds=10.0,
)
QUICK = dataclasses.replace(
    FULL, repeat=1, seconds=2.0, idle_seconds=2.5, saturating_pairs=1200, sleeps=8, stopped_seconds=5.0
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load_engine", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="one short repetition, in less than a minute")
    parser.add_argument("--repeat", type=int, help="repetitions, each a whole turn of all sides")
    parser.add_argument(
        "--locust-python",
        metavar="PYTHON",
        default=sys.executable,
        help="the interpreter that has Locust (default: this one)",
    )
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--markdown", type=Path, help="where to write the page, such as docs/benchmarks.md")
    return parser.parse_args()


def _plan(options: argparse.Namespace, with_locust: bool) -> Plan:
    pythons = {ENGINE: sys.executable, RAW: sys.executable}
    if with_locust:
        pythons[LOCUST] = options.locust_python
    plan = dataclasses.replace(QUICK if options.quick else FULL, pythons=pythons)
    return dataclasses.replace(plan, repeat=options.repeat) if options.repeat else plan


def _settings(plan: Plan, measured: Measured) -> dict[str, Any]:
    client_core, target_core = cores()
    settings = dataclasses.asdict(plan)
    del settings["pythons"]
    scheduling = {outcome.scheduling for segments in measured.paced.values() for outcome, *_ in segments}
    place = "the same core" if client_core == target_core else "another core"
    return settings | {"scheduling": " and ".join(sorted(scheduling)), "place": place, "sides": list(plan.pythons)}


def main() -> None:
    """Run the benchmark."""
    options = _options()
    locust = locust_versions(options.locust_python)
    plan = _plan(options, locust is not None)
    try:
        measured = measure(plan)
    except KeyboardInterrupt:
        sys.exit(130)
    figures = figures_of(measured)
    asked = bounds(figures)
    command = "python -m benchmarks.load_engine" + (" --quick" if options.quick else "")
    figures["bounds"] = [bound._asdict() for bound in asked]
    document = report(figures, command, _settings(plan, measured), locust)
    shown = tables(figures, asked)
    for title, lines in shown:
        print("", title, *lines, sep="\n")
    if options.json is not None:
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    if options.markdown is not None:
        options.markdown.write_text(page(document, shown))


if __name__ == "__main__":
    main()
