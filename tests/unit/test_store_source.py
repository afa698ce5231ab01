"""A store's address is what was given, or what a command prints and could be one."""

import pytest

from harness.errors import StoreError
from harness.store_source import CLICKHOUSE, POSTGRES, StoreKind, StoreSource


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (POSTGRES, "postgresql://u:p%2Fw@h:5432/d?sslmode=require"),
        (POSTGRES, "postgres:///d?host=/run/postgresql"),
        (CLICKHOUSE, "https://u:p@h:8443/d"),
        (CLICKHOUSE, "http://h"),
    ],
)
async def test_an_address_given_or_printed(kind: StoreKind, address: str) -> None:
    assert await StoreSource(kind, address=address).resolve() == address
    assert await StoreSource(kind, command=f"echo '{address}'").resolve() == address


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        (POSTGRES, "host=h password=s3cret"),
        (POSTGRES, "export HARNESS_PG=postgresql://u:s3cret@h/d"),
        (POSTGRES, "http://u:s3cret@h/d"),
        (POSTGRES, "postgresql://u:s3cret/x@h/d"),
        (CLICKHOUSE, "clickhouse://u:s3cret@h:9000/d"),
        (CLICKHOUSE, "postgresql://u:s3cret@h/d"),
        (CLICKHOUSE, "server"),
    ],
)
async def test_what_is_printed_and_is_no_address(kind: StoreKind, printed: str) -> None:
    with pytest.raises(
        StoreError, match=f"^{kind.flag}-command printed one line, but not a (DSN|URL) such as"
    ) as raised:
        await StoreSource(kind, command=f"echo '{printed}'").resolve()
    assert "s3cret" not in str(raised.value)


def test_no_representation_holds_the_address() -> None:
    assert "s3cret" not in repr(StoreSource(POSTGRES, address="postgresql://u:s3cret@h/d"))
