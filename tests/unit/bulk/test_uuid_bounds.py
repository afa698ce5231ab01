from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from harness.bulk.uuid_bounds import first_uuid

LAST = str(UUID(int=2**128 - 1))
NEAR = (
    st.uuids()
    .map(str)
    .flatmap(
        lambda uuid: st.tuples(st.integers(0, 37), st.text("-09afgAF/:~é", max_size=3)).map(
            lambda change: uuid[: change[0]] + change[1] + uuid[change[0] + len(change[1]) :]
        )
    )
)


@given(NEAR | st.text(max_size=4))
@example(LAST)
@example(f"{LAST}0")
@example("g")
@example("fffffffff")
@example("00000000-0000-0000-0000-00000000000f0")
def test_it_is_the_first_that_does_not_come_before(bound: str) -> None:
    first = first_uuid(bound)
    if first is None:
        assert LAST.encode() < bound.encode()
        return
    assert str(UUID(first)) == first
    assert first.encode() >= bound.encode()
    if UUID(first).int > 0:
        assert str(UUID(int=UUID(first).int - 1)).encode() < bound.encode()


@given(st.uuids(), st.uuids())
def test_postgresqls_order_is_that_of_the_texts(one: UUID, other: UUID) -> None:
    assert (one.bytes < other.bytes) == (str(one).encode() < str(other).encode())
