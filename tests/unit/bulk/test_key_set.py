import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bulk.key_set import KeySet
from harness.bulk.ranges import Key

KEYS = st.tuples(st.text(max_size=3), st.text(max_size=3), st.sampled_from(["a", "b", "\udcff", "a\0", ""]))


def of(keys: Sequence[Key]) -> KeySet:
    known = KeySet()
    for key in keys:
        known.add(key)
    return known


@given(st.lists(KEYS), st.lists(KEYS), KEYS)
def test_it_is_a_set(keys: list[Key], others: list[Key], key: Key) -> None:
    known = of([*keys, *others])
    for other in others:
        known.discard(other)
    expected = set(keys) - set(others)
    assert len(known) == len(expected)
    assert (key in known) is (key in expected)


@given(st.lists(KEYS, min_size=1))
def test_it_comes_back_from_its_parts(keys: list[Key]) -> None:
    known, again = of(keys), KeySet()
    for part in known.parts():
        again.take_part(*part)
    assert len(again) == len(known)
    assert all(key in again for key in keys)


@pytest.mark.parametrize("text", ["?", "AAAA"])
def test_what_is_no_part(text: str) -> None:
    with pytest.raises(ValueError):
        KeySet().take_part(0, text)


def test_a_scorecard_takes_few_bytes() -> None:
    tracemalloc.start()
    known = KeySet()
    for number in range(300_000):
        known.add(("customer", "profile", str(number)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(known) == 300_000
    assert held < 12_000_000 + 300_000 * 16
