"""Values as JSON can hold them."""

import math
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any


def plain(value: object) -> Any:
    """Return a value, however deep, with what JSON cannot hold as text.

    That is not-a-number, the infinities, decimals that no double stands for, and bytes that are no UTF-8.
    """
    if isinstance(value, dict):
        return {plain(key): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return value
