"""The experiment, validated: what a scenario file, the environment and the command line's flags together ask for.

Nothing here knows a store or the network. Unknown keys are refused, and an error names the file, the line where it can, the field and what
is allowed.
"""

import math
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from harness.errors import UsageError
from harness.mapping import StoreMapping
from harness.model import Order

SCENARIOS = Path("scenarios")
SWEEP_DELAYS_MS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


class SettlePolicy(StrEnum):
    """When a verdict is taken."""

    FIXED = "fixed"
    """At the deadline."""
    QUIESCENT = "quiescent"
    """As soon as the target says that every copy has landed."""


def _as_list(value: object) -> object:
    """Let one api-delay stand without brackets."""
    return value if isinstance(value, list | tuple) else [value]


Delays = Annotated[
    tuple[Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)], ...],
    BeforeValidator(_as_list),
    Field(min_length=1),
]


class Settings(BaseModel):
    """Base of everything that a user can set."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Gates(Settings):
    """What a run must keep to for exit code 0."""

    max_failure_rate: float | None = Field(
        None, ge=0, le=1, description="highest failure rate allowed at every api-delay"
    )
    max_error_rate: float = Field(0.1, ge=0, le=1, description="share of errors above which nothing is judged at all")


class BehaviourName(StrEnum):
    """The reference service's versions; what each does stands in `harness.service.behaviours`."""

    AS_FOUND = "as_found"
    FIX1 = "fix1"
    FIX2 = "fix2"
    FIX3 = "fix3"


class CopyLatency(Settings):
    """The model of the production worker queue: a mixture of two log-normal delays of the copy to ClickHouse.

    Each is given by its median in ms and the sigma of its logarithm; `slow_share` of the copies take the slow one. It is a model, tuned so
    that the behaviour `fix3` shows the field's curve; it says when a copy writes, never what a verdict will be.
    """

    median_ms: float = Field(2.0, gt=0, le=60_000)
    sigma: float = Field(0.3, ge=0, le=3)
    slow_share: float = Field(0.17, ge=0, le=1)
    slow_median_ms: float = Field(20.0, gt=0, le=60_000)
    slow_sigma: float = Field(0.4, ge=0, le=3)


class StackSettings(Settings):
    """How the embedded stack's own service behaves."""

    behaviour: BehaviourName = Field(BehaviourName.FIX3, description="the reference service's behaviour")
    latency: CopyLatency = CopyLatency()


class TargetSettings(Settings):
    """Where the calls go and whose scorecards they make. Secrets come from flags or the environment, not from here."""

    customer: str = Field("harness-customer", pattern=r"^[A-Za-z0-9_.~-]+$")
    profile: str = Field("harness-profile", pattern=r"^[A-Za-z0-9_.~-]+$")


class Scenario(Settings):
    """One experiment: how many pairs of calls, how far apart, and when they are judged."""

    iterations: int = Field(50, ge=1, le=10_000_000, description="pairs of calls at each api-delay")
    api_delay_ms: Delays = Field((10.0,), description="start-to-start gaps of the two calls")
    order: Order = Field(Order.UPDATE_FIRST, description="which call is started first")
    rate_per_s: float = Field(50.0, gt=0, le=100_000, description="iterations started per second")
    concurrency: int = Field(1000, ge=1, le=100_000, description="iterations in flight at most, from Create to verdict")
    create_lead_ms: float = Field(
        250.0,
        ge=0,
        le=60_000,
        description="from the start of Create to the first call, so that Create's own copy has landed",
    )
    call_timeout_s: float = Field(10.0, gt=0, le=600, description="deadline of each call")
    scores: int = Field(4, ge=1, le=100, description="scores on each scorecard")
    wait_s: float = Field(2.0, ge=0, le=3600, description="from both calls answered to the verdict")
    settle: SettlePolicy = Field(SettlePolicy.FIXED, description="when a verdict is taken")
    horizon_s: float = Field(
        5.0, ge=0, le=3600, description="after the deadline, how long a difference may still heal (late)"
    )
    poll_ms: float = Field(
        100.0, ge=5, le=60_000, description="pause between looks at the stores while iterations wait"
    )
    seed: int = Field(1, ge=0, lt=2**63, description="of everything that is drawn")
    gates: Gates = Gates()
    target: TargetSettings = TargetSettings()
    stack: StackSettings = StackSettings()
    mapping: StoreMapping = StoreMapping()

    @field_validator("api_delay_ms")
    @classmethod
    def _no_delay_twice(cls, delays_ms: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(delays_ms)) != len(delays_ms):
            raise ValueError("an api-delay stands in the list twice")
        return delays_ms

    @property
    def total_iterations(self) -> int:
        """Pairs of calls over all api-delays."""
        return self.iterations * len(self.api_delay_ms)


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


def parse_delays(text: str) -> tuple[float, ...]:
    """Return the api-delays of a comma-separated list in ms. Raises ValueError with what is wrong."""
    delays_ms = []
    for part in text.split(","):
        try:
            delay_ms = float(part)
        except ValueError:
            raise ValueError(f"{part.strip()!r} is not a number of milliseconds") from None
        if not math.isfinite(delay_ms) or delay_ms < 0:
            raise ValueError(f"{part.strip()} ms is not a delay: it must be 0 or more")
        delays_ms.append(delay_ms)
    return tuple(delays_ms)
