"""Text of others on a terminal: what would steer the terminal, or not be seen, is shown escaped."""

import re

# What `repr` makes of a byte that was no UTF-8, behind no backslash that is itself escaped.
_REPR_OF_BYTE = re.compile(r"(?<!\\)((?:\\\\)*)\\udc([89a-f][0-9a-f])")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def legible(text: str) -> str:
    r"""Return the text in one line: control and invisible characters as `\n`, `\x1b`, `\u202e`, bytes that were no UTF-8 as `\xff`."""
    if text.isprintable():
        return text if "\\udc" not in text else _REPR_OF_BYTE.sub(r"\1\\x\2", text)
    return legible("".join(c if c.isprintable() else _escaped(c) for c in text))


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
