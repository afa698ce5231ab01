"""The embedded stack: PostgreSQL, ClickHouse and the reference service, started for a run and gone after it."""

NOT_INSTALLED = "the embedded stack is not installed: pip install 'scorecard-convergence-harness[embedded]'"
