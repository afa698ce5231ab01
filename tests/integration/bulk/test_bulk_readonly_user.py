"""A ClickHouse user who may not even change settings."""

from pathlib import Path

import pytest

from harness.bulk.clickhouse import open_clickhouse_side
from harness.errors import StoreError
from harness.process import Child


async def test_a_user_who_is_read_only_by_decree(tmp_path: Path) -> None:
    users = [{"name": "strict", "password": "p", "readonly": 1}]
    child = await Child.start(
        "harness.embedded.clickhouse",
        {"path": str(tmp_path / "data"), "database": "d", "users": users},
        tmp_path / "log",
    )
    try:
        async with open_clickhouse_side(f"http://strict:p@127.0.0.1:{child.ready['port']}/d", 5) as side:
            assert await side.post("SELECT 1") == b"1\n"
            with pytest.raises(StoreError, match="readonly"):
                await side.post("CREATE TABLE planted (x UInt8) ENGINE = Memory")
    finally:
        await child.stop()
