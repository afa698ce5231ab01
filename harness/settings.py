"""The base of everything that a user can set."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Unknown keys are refused, numbers are numbers, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
