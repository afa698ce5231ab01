"""Do the unit tests catch each mutant of harness/check: one condition, operator, constant or table entry changed at a time?

    python -m benchmarks.mutate_check [--module causes ...] [--jobs N] [--json FILE]

Ends with 1 where less than 95 % are caught. `mutants_equivalent.toml` names those that change no behaviour, with the reason; they are run
like the others, shown apart, and never counted as caught. One that is caught all the same is an error, as is an entry that fits none.
"""

import argparse
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.mutant_runner import Fate, copied_tree, fates, modules, warm_up
from benchmarks.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.toml")
WANTED = 0.95
OTHER_TESTS = ("tests/unit/test_verifier.py", "tests/unit/bulk/test_concerns.py")
"""What tests check/ from outside tests/unit/check."""
KEY = ("module", "where", "line", "column", "original", "mutated")
"""What tells a mutant from the others while the lines above it come and go."""

Key = tuple[str | int, ...]
Ran = list[tuple[Mutant, Fate]]


def key_of(mutant: Mutant) -> Key:
    """Return a mutant's key."""
    return tuple(getattr(mutant, name) for name in KEY)


def equivalents(chosen: Sequence[str]) -> dict[Key, str]:
    """Return the reason of each mutant that is said to change nothing."""
    entries = tomllib.loads(EQUIVALENT.read_text()).get("mutant", [])
    return {tuple(entry[name] for name in KEY): entry["reason"] for entry in entries if entry["module"] in chosen}


def test_files(module: str, copy: Path) -> list[str]:
    """Return the test files for a module, its own first: they are the likeliest to fail."""
    likely = [f"test_{module}.py", *(["test_values.py"] if module.startswith("value") else [])]
    files = sorted((copy / "tests/unit/check").glob("test_*.py"), key=lambda file: (file.name not in likely, file.name))
    return [*(str(file) for file in files), *OTHER_TESTS]


def run(chosen: Sequence[str], jobs: int) -> Ran:
    """Run all mutants of the chosen modules."""
    with copied_tree(ROOT) as copy:
        warm_up(copy, test_files("", copy))
        files = modules(copy)
        made = [mutant for name in chosen for mutant in mutants(name, files[name].read_text(), str(files[name]))]
        ran: Ran = []
        for one in fates(made, {name: test_files(name, copy) for name in chosen}, jobs):
            ran.append(one)
            print(f"\r{len(ran)} of {len(made)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return sorted(ran, key=lambda one: (chosen.index(one[0].module), one[0].line_number))


def shown(mutant: Mutant) -> str:
    """Return a mutant for one place of the output."""
    place = f"harness/check/{mutant.module}.py:{mutant.line_number} in {mutant.where}"
    return f"{place}\n    {mutant.line}\n    {mutant.original}  =>  {mutant.mutated}"


def report(ran: Ran, reasons: Mapping[Key, str]) -> float:
    """Print what was caught and what survived; return the share that was caught of all, the equivalent ones among them."""
    caught: dict[str, list[bool]] = defaultdict(list)
    for mutant, fate in ran:
        caught[mutant.module].append(fate is not Fate.SURVIVED)
    survivors = [mutant for mutant, fate in ran if fate is Fate.SURVIVED]
    print("survivors:" if any(key_of(m) not in reasons for m in survivors) else "no survivors")
    for mutant in survivors:
        if key_of(mutant) not in reasons:
            print(shown(mutant))
    print("equivalent, not counted as caught:" if reasons else "")
    for mutant in survivors:
        if reason := reasons.get(key_of(mutant)):
            print(f"{shown(mutant)}\n    {reason}")
    print(f"{'module':16} {'caught':>7} {'of':>5} {'share':>8} {'equivalent':>11} {'survived':>9}")
    everything = [one for each in caught.values() for one in each]
    for module, each in [*caught.items(), ("all", everything)]:
        of_module = [mutant for mutant in survivors if module in (mutant.module, "all")]
        equivalent = sum(key_of(mutant) in reasons for mutant in of_module)
        share = f"{100 * sum(each) / len(each):6.1f} %"
        print(f"{module:16} {sum(each):7} {len(each):5} {share} {equivalent:11} {len(of_module) - equivalent:9}")
    return sum(everything) / len(everything)


def untrue(ran: Ran, reasons: Mapping[Key, str]) -> list[str]:
    """Return the entries of `mutants_equivalent.toml` that are caught, or that no mutant fits."""
    surviving = {key_of(mutant) for mutant, fate in ran if fate is Fate.SURVIVED}
    return [" | ".join(map(str, key)) for key in reasons if key not in surviving]


def as_json(ran: Ran, reasons: Mapping[Key, str]) -> str:
    """Return everything as one document."""
    rows: list[dict[str, object]] = [
        {
            **dict(zip(KEY, key_of(mutant), strict=True)),
            "line_number": mutant.line_number,
            "fate": fate,
            "equivalent": reasons.get(key_of(mutant)),
        }
        for mutant, fate in ran
    ]
    caught = sum(fate is not Fate.SURVIVED for _, fate in ran)
    return json.dumps({"total": len(ran), "caught": caught, "mutants": rows}, indent=1)


def main() -> int:
    """Run the chosen mutants and print; return the exit code."""
    names = list(modules(ROOT))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="extend", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen = options.module or names
    reasons = equivalents(chosen)
    ran = run(chosen, options.jobs)
    if not ran:
        raise SystemExit("there is nothing to change in these modules")
    share = report(ran, reasons)
    if options.json:
        options.json.write_text(as_json(ran, reasons))
    if wrong := untrue(ran, reasons):
        print("entries of mutants_equivalent.toml that are caught, or that no mutant fits:", *wrong, sep="\n  ")
    return int(bool(wrong) or share < WANTED)


if __name__ == "__main__":
    raise SystemExit(main())
