"""`harness schema`."""

import json

import click

from harness.explore.document import ExploreReport
from harness.report.document import json_schema


@click.command(short_help="Print the JSON Schema of the result files.")
def schema() -> None:
    """Print the JSON Schema of report.json; under $defs/IterationRecord that of a line of iterations.jsonl, under
    $defs/ExploreReport that of explore.json.
    """
    schema = json_schema()
    explored = ExploreReport.model_json_schema(mode="serialization", by_alias=True)
    schema["$defs"] |= explored.pop("$defs") | {"ExploreReport": explored}
    click.echo(json.dumps(schema, indent=2))
