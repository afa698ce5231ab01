"""Bad input gets one clear line and the right exit code."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from commands import Ended, ahead, harness, side_by_side

USAGE: list[tuple[tuple[str, ...], str]] = [
    (("run", "--api-delay", "-1"), "-1 ms is not a delay: it must be 0 or more"),
    (("run", "--api-delay", "fast"), "'fast' is not a number of milliseconds"),
    (("run", "--iterations", "0"), "iterations: should be greater than or equal to 1, not 0"),
    (("run", "--behaviour", "best"), "'best' is not one of 'as_found', 'fix1', 'fix2', 'fix3'"),
    (("run", "--order", "both"), "'both' is not one of 'update_first', 'submit_first', 'random'"),
    (("run", "nowhere.toml"), "no scenario 'nowhere.toml'"),
    (("run", "--target", "127.0.0.1:1"), "an external --target needs --pg DSN and --clickhouse URL"),
    (("run", "--pg", "postgresql://h/d"), "--pg and --clickhouse belong to an external --target"),
    (("run", "--nope"), "No such option"),
    (("verify",), "which scorecards?"),
    (("verify", "--name", "customers/c/profiles/p/scorecards/s"), "verify needs --pg DSN or --pg-command CMD, and"),
    (("explore", "--order", "random"), "'random' is not one of 'update_first', 'submit_first', 'both'"),
    (("explore", "--fault", "clock_skew"), "'clock_skew' is not one of 'stale_closure', 'unordered_tasks'"),
    (("explore", "--fault", "history_outside", "--fault", "now_inversion"), "cannot be planted together"),
    (("nope",), "No such command"),
]


@pytest.fixture(scope="module")
def misused() -> Iterator[dict[tuple[str, ...], "Future[Ended]"]]:
    with ahead(arguments for arguments, _ in USAGE) as running:
        yield running


@pytest.mark.parametrize(("arguments", "message"), USAGE)
def test_usage(arguments: tuple[str, ...], message: str, misused: dict[tuple[str, ...], "Future[Ended]"]) -> None:
    ended = misused[arguments].result()
    assert ended.code == 2
    assert message in ended.err


def test_an_unknown_scenario_key_names_file_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("iterations = 3\n\nwait = 2\n")
    ended = harness("run", str(path))
    assert ended.code == 2
    assert f"harness: {path}:3: unknown key 'wait'; allowed here: iterations, api_delay_ms" in ended.err


def changed(places: tuple[str, ...], flag: str, value: str) -> tuple[str, ...]:
    at = places.index(flag) + 1
    return (*places[:at], value, *places[at + 1 :])


UNUSABLE = [
    ("--token", "", "wrong", "refused the bearer token: the bearer token is not valid"),
    ("--target", "", "127.0.0.1:1", "target 127.0.0.1:1 cannot be reached without TLS"),
    ("--pg", "harness_reader:", "harness_reader:x", "refused the user or the password"),
    ("--pg", "/coaching", "/nowhere", 'database "nowhere" does not exist'),
    ("--pg", "/coaching", "/postgres", 'relation "public.scorecards" does not exist'),
    ("--clickhouse", "harness_reader:", "harness_reader:x", "Authentication failed"),
    ("--clickhouse", "/coaching", "/default", "there is no table 'scorecards'"),
    (
        "--clickhouse",
        "",
        "http://127.0.0.1:1/coaching",
        "ClickHouse at http://127.0.0.1:1/coaching cannot be reached",
    ),
]


@pytest.fixture(scope="module")
def refused(
    places: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str, str], tuple[Path, "Future[Ended]"]]]:
    """The folder of results and the run with each of the flags changed."""
    runs = {}
    for flag, old, new, _ in UNUSABLE:
        given = places[places.index(flag) + 1]
        out = tmp_path_factory.mktemp("refused")
        runs[flag, old, new] = (
            out,
            ("run", "--out", str(out), *changed(places, flag, given.replace(old, new) if old else new)),
        )
    with ahead(arguments for _, arguments in runs.values()) as running:
        yield {case: (out, running[arguments]) for case, (out, arguments) in runs.items()}


@pytest.mark.parametrize(("flag", "old", "new", "message"), UNUSABLE)
def test_what_cannot_be_used_ends_with_3(
    flag: str, old: str, new: str, message: str, refused: dict[tuple[str, str, str], tuple[Path, "Future[Ended]"]]
) -> None:
    out, running = refused[flag, old, new]
    ended = running.result()
    assert (ended.code, ended.out.count("%")) == (3, 0)
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    report = ended.report(out)
    assert (report.status, report.gate.verdict) == ("failed", "inconclusive")


def test_an_unusable_url_or_dsn_ends_with_2(tmp_path: Path, places: tuple[str, ...]) -> None:
    given = (("--clickhouse", "clickhouse://h:9000/d"), ("--pg", "mysql://h/d"))
    ends = side_by_side(*(("run", "--out", str(tmp_path), *changed(places, *one)) for one in given))
    for ended, (flag, _) in zip(ends, given, strict=True):
        assert ended.code == 2
        assert f"{flag} " in ended.err


def test_a_results_folder_that_cannot_be_written(tmp_path: Path, places: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("")
    ended = harness("run", "--out", str(tmp_path / "file"), *places)
    assert ended.code == 2
    assert "cannot be written: Not a directory; choose another by --out" in ended.err
