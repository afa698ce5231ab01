"""`harness schema`."""

import json

import click

from harness.calibrate.document import Calibration
from harness.explore.document import ExploreReport
from harness.history.document import Comparison, Series
from harness.report.document import json_schema


@click.command(short_help="Print the JSON Schema of the result files.")
def schema() -> None:
    """Print the JSON Schema of report.json.

    Under $defs stand IterationRecord, a line of iterations.jsonl, ExploreReport, explore.json, Calibration, calibration.json,
    Comparison, what compare --json prints, and Series, what history --json prints.
    """
    schema = json_schema()
    for document in (ExploreReport, Calibration, Comparison, Series):
        other = document.model_json_schema(mode="serialization", by_alias=True)
        schema["$defs"] |= other.pop("$defs") | {document.__name__: other}
    click.echo(json.dumps(schema, indent=2))
