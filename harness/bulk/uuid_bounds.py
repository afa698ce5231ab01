"""The order of UUIDs among all texts. Pure. PostgreSQL orders a column of type uuid as the bytes of its values' texts."""

_HYPHENS = frozenset({8, 13, 18, 23})
_LENGTH = 36
_DIGITS = b"0123456789abcdef"


def first_uuid(text: str) -> str | None:
    """Return the first UUID, as PostgreSQL prints it, that does not come before a text in the order of bytes; None where all do."""
    bound = text.encode()
    prefix = bytearray()
    while len(prefix) < min(len(bound), _LENGTH) and bound[len(prefix)] in _allowed(len(prefix)):
        prefix.append(bound[len(prefix)])
    if len(prefix) == len(bound):
        return _filled(prefix)
    # The bound goes on as no UUID does, or beyond the end of one: the next one is asked for, from here or from further before.
    for position in range(min(len(prefix), _LENGTH - 1), -1, -1):
        larger = [byte for byte in _allowed(position) if byte > bound[position]]
        if larger:
            return _filled(bytearray(bound[:position]) + bytes(larger[:1]))
    return None


def _allowed(position: int) -> bytes:
    return b"-" if position in _HYPHENS else _DIGITS


def _filled(prefix: bytearray) -> str:
    rest = (_allowed(position)[:1] for position in range(len(prefix), _LENGTH))
    return (bytes(prefix) + b"".join(rest)).decode()
