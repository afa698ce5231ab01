"""Reads a scenario: file, settings over it, defaults under it; unknown keys are refused.

An error is one line that names the file, the line where it can, the field and what is allowed.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.errors import UsageError
from harness.scenario import Scenario

SCENARIOS = Path("scenarios")


def load_scenario(reference: str | None, settings: dict[str, Any], defaults: dict[str, Any] | None = None) -> Scenario:
    """Read a scenario and lay settings over it.

    `reference` is a file's path or the name of one in scenarios/, None for none; `defaults` stand where neither says anything. A setting's
    key is a field's path as in `gates.max_failure_rate`, its value None where it was not given. Raises UsageError.
    """
    path = None if reference is None else find_scenario(reference)
    values = {} if path is None else _read_toml(path)
    for name, value in (defaults or {}).items():
        values.setdefault(name, value)
    for name, value in settings.items():
        if value is not None:
            _lay_over(values, name, value, path)
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        raise UsageError(explain(error, path, settings)) from None


def find_scenario(reference: str) -> Path:
    """Return the file that a path or a name in scenarios/ means. Raises UsageError, naming the scenarios there are."""
    for path in (Path(reference), SCENARIOS / f"{reference}.toml"):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in SCENARIOS.glob("*.toml"))) or "none here"
    raise UsageError(f"no scenario {reference!r}: give a file's path or a name from {SCENARIOS}/ ({known})")


def explain(error: ValidationError, path: Path | None, settings: dict[str, Any]) -> str:
    """Return one line for the first thing that is wrong: where it stands, what it is, what is allowed."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "scenario"
    from_setting = settings.get(field) is not None
    where = "" if path is None or from_setting else f"{path}{_line_of(path, str(field).rpartition('.')[2])}: "
    if first["type"] == "extra_forbidden":
        return f"{where}unknown key {field!r}; {_allowed_beside(first['loc'])}"
    given = first["input"]
    shown = "" if isinstance(given, dict | list | tuple) else f", not {given!r}"
    return f"{where}{field}: {_sentence(first)}{shown}"


def _sentence(error: Any) -> str:
    """Return pydantic's message without its prefixes, as a clause."""
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _allowed_beside(location: tuple[int | str, ...]) -> str:
    """Return the keys that are allowed where an unknown one stands, the likeliest meant being left to the reader."""
    model: type[BaseModel] = Scenario
    for part in location[:-1]:
        annotation = model.model_fields[str(part)].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return "allowed here: " + ", ".join(model.model_fields)


def _line_of(path: Path, key: str) -> str:
    """Return `:LINE` of a key in a TOML file, empty where it is not found."""
    pattern = re.compile(rf"^\s*(\[\s*)?[\"']?{re.escape(key)}[\"']?\s*(=|\])")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if pattern.match(line):
            return f":{number}"
    return ""


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None


def _lay_over(values: dict[str, Any], name: str, value: Any, path: Path | None) -> None:
    """Set the field that a dotted name means."""
    *tables, key = name.split(".")
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):
            raise UsageError(f"{path}: {table} must be a table")
    values[key] = value
