"""Keys that collations order in their own ways."""

import contextlib

import asyncpg
import pytest
from bulk_stores import Stores

SPELLINGS = ["a", "B", "A-b", "a b", "ab", "_", "é", "z", "Z", "ß", "0", "-", "'", "\\", "語", "😀", "a\tb", "a\nb", ""]
"""Keys that other orders put elsewhere: mixed case, blanks, punctuation, letters beyond ASCII."""


async def order_keys_by(stores: Stores, provider: str, locale: str) -> None:
    """Give the keys an order of their own; a system without the locale cannot."""
    with contextlib.suppress(asyncpg.PostgresError):
        await stores.postgres(f"CREATE COLLATION other (provider = {provider}, locale = '{locale}')")
    if not await stores.owner.fetchval("SELECT to_regcollation('other') IS NOT NULL"):
        pytest.skip(f"this system has no locale {locale}")
    await stores.postgres("ALTER TABLE scores DROP CONSTRAINT scores_customer_id_profile_id_scorecard_id_fkey")
    for table in ("scores", "scorecards"):
        changes = [f'ALTER {column}_id TYPE text COLLATE "other"' for column in ("customer", "profile", "scorecard")]
        await stores.postgres(f"ALTER TABLE {table} {', '.join(changes)}")


async def write(stores: Stores, spelling: str) -> None:
    """Write a scorecard whose customer and id are spelt so to both stores."""
    await stores.postgres(
        "INSERT INTO scorecards SELECT $1, 'p', $1, '', '', '', NULL, NULL, '', to_timestamp(1), to_timestamp(2)",
        spelling,
    )
    escaped = spelling.replace("\\", "\\\\").replace("'", "\\'")
    times = "toDateTime(1), toDateTime(2)"
    await stores.clickhouse(
        f"INSERT INTO scorecards SELECT '{escaped}', 'p', '{escaped}', '', '', '', NULL, NULL, '', {times}, 1, 0"
    )
