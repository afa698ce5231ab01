"""What of others' text may reach a terminal."""

import pytest

from harness.report.legible import legible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 名 [red]", "plain é 名 [red]"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x9b1m\u202e\u2028\u200b\x7f", r"\u009b1m\u202e\u2028\u200b\x7f"),
        ("\U000e0001", r"\U000e0001"),
        ("\udcff\udc80", r"\xff\x80"),
        (repr("\udcff"), r"'\xff'"),
        (repr("\\\udcff"), r"'\\\xff'"),
        (repr("\\udcff"), r"'\\udcff'"),
        ("n200 ", "n200 "),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert legible(text) == shown
