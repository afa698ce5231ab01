"""The embedded stack: PostgreSQL, ClickHouse and the reference service, started for a run and gone after it."""
