"""Amazon's event stream: messages with headers and checksums (smithy.io, event stream)."""

import struct
import zlib
from collections.abc import Mapping

from botocore.eventstream import EventStreamBuffer, EventStreamMessage, ParserError

STRING = 7
OVERHEAD = 16
"""Lengths and checksums around headers and payload."""


def encoded(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message; all headers are strings."""
    about = b"".join(_header(name, value) for name, value in headers.items())
    lengths = struct.pack(">II", len(about) + len(payload) + OVERHEAD, len(about))
    prelude = lengths + struct.pack(">I", zlib.crc32(lengths))
    message = prelude + about + payload
    return message + struct.pack(">I", zlib.crc32(message))


def decoded(message: bytes) -> EventStreamMessage | None:
    """The message in `message`; None if it is not exactly one."""
    buffer = EventStreamBuffer()
    buffer.add_data(message)
    try:
        return next(buffer, None)
    except (ParserError, ValueError, struct.error):
        return None


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack(f">B{len(key)}sBH", len(key), key, STRING, len(text)) + text
