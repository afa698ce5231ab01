"""Values as JSON can hold them."""

import math
from enum import Enum
from typing import Any


def plain(value: object) -> Any:
    """Return a value, however deep, with what JSON cannot hold as text: not-a-number, the infinities, and bytes that are no UTF-8."""
    if isinstance(value, dict):
        return {plain(key): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return value
