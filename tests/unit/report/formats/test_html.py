"""The page: it loads nothing, escapes what others wrote, and draws in a browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from report_examples import point, report, sweep

from harness.report.document import Report
from harness.report.formats.chart import chart_of, png_bytes
from harness.report.formats.html import html_text

CHROMIUM = shutil.which("chromium")


def test_the_page_asks_for_nothing_and_may_not() -> None:
    page = html_text(sweep(limit=0.05, verdict="fail"), {0: ["<script>alert(1)</script>"]})
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe|object|image)\b|@import|url\(", page, re.IGNORECASE)
    # What is left of addresses are the names of SVG's namespaces, which nobody loads.
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "&lt;script&gt;" in page and "svc &lt;1&gt;" in page
    assert len(page) < 150_000


@pytest.mark.parametrize(
    "shown",
    [
        report([point(10, 4)]),
        report([point(0, 0), point(10, 0)]),
        report([point(0, 0, 5, 5)], status="failed"),
        report([], status="partial"),
        report([point(5 * n, 18 if n < 10 else 0) for n in range(40)]),
    ],
    ids=["single", "all zero", "all errors", "nothing", "forty"],
)
def test_every_kind_of_run_can_be_drawn(shown: Report) -> None:
    assert html_text(shown, {}).count("<svg") == 2


def test_a_curve_of_another_shape_is_drawn_as_steps() -> None:
    cliff = report([point(delay, 600 if delay < 20 else 0, 1_000) for delay in (0, 1, 2, 5, 10, 20, 50)])
    told = chart_of(cliff).to_dict()["title"]["subtitle"]
    assert "non-increasing" in told and "logistic" in chart_of(sweep()).to_dict()["title"]["subtitle"]


def test_a_curve_that_rises_has_no_band() -> None:
    hill = chart_of(report([point(delay, failures) for delay, failures in ((0, 0), (10, 60), (20, 0))])).to_dict()
    assert "contradict" in hill["title"]["subtitle"]
    assert "area" not in {layer["mark"]["type"] for layer in hill["layer"]}
    assert "area" in {layer["mark"]["type"] for layer in chart_of(sweep()).to_dict()["layer"]}


def test_labels_of_the_axis_keep_apart() -> None:
    ticks = chart_of(sweep()).to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert ticks == [0, 1, 2, 5, 10, 20, 50, 100, 200]
    many = chart_of(report([point(n, 0) for n in range(100)])).to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert len(many) < 25 and many[-1] == 99


def test_a_png_is_one() -> None:
    assert png_bytes(sweep()).startswith(b"\x89PNG")


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_draws_it(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(html_text(sweep(limit=0.05, verdict="fail"), {}))
    assert CHROMIUM is not None
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
    )
    page = (tmp_path / "report.html").as_uri()
    ended = subprocess.run([CHROMIUM, *flags, page], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.count("<svg") == 2 and "nightly: fail" in ended.stdout
    # What the page's own policy refused would be missing, as its style would be if the policy were tighter.
    assert "Content Security Policy" not in ended.stderr
