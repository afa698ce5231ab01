"""`harness schema`."""

import json

import click

from harness.report.document import json_schema


@click.command(short_help="Print the JSON Schema of the result files.")
def schema() -> None:
    """Print the JSON Schema of report.json, and under $defs/IterationRecord that of a line of iterations.jsonl."""
    click.echo(json.dumps(json_schema(), indent=2))
