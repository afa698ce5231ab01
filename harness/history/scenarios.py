"""Which runs are of the same scenario."""

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from harness.scenario import Scenario

NOT_CONTENT = ("seed", "gates", "iterations")
"""What two runs of one scenario may have otherwise: what is drawn, what is asked of the result, and how long that takes."""
FINGERPRINT_DIGITS = 8


def fingerprint(scenario: dict[str, Any]) -> str:
    """Return eight hexadecimal digits that stand for a scenario's content, seed, gates and number of iterations apart.

    Settings that an older harness did not know count with their defaults, so that a new setting does not end a scenario's history.
    """
    content = {name: value for name, value in resolved(scenario).items() if name not in NOT_CONTENT}
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def resolved(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario with every setting that this harness knows; as it stands where this harness cannot read it."""
    try:
        known = Scenario.model_validate({name: scenario[name] for name in scenario if name not in NOT_CONTENT})
    except ValidationError:
        return scenario
    return known.model_dump(mode="json") | {name: scenario[name] for name in NOT_CONTENT if name in scenario}
