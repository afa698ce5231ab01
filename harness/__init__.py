"""Decides, with evidence, whether PostgreSQL and ClickHouse converge when two API calls hit one record at nearly the same time."""

__version__ = "0.1.0"
