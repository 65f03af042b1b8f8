"""How soon a thread that wakes gets a core (Linux 6.12 on: sched_setattr(2), EEVDF's own slices).

The scheduler lets a waking thread take the core from one whose slice is longer. The usual slice is
some milliseconds, as long as a whole turn of the media thread may be late; whoever asks for a
shorter one gets the core sooner, and not for longer altogether. It needs no privilege.
"""

import ctypes
import platform
import struct
import sys

SHORT_SECONDS = 0.0001
"""The shortest slice that Linux grants."""

_NUMBERS = {"x86_64": (314, 315), "aarch64": (274, 275)}
"""Of the system calls sched_setattr and sched_getattr."""

# struct sched_attr, first version: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
_USUAL_POLICY = 0
_RUNTIME = 5


def shorten_slice(seconds: float = SHORT_SECONDS) -> bool:
    """This thread, and those that it starts, ask for slices of `seconds` from now on.

    False where there is no such thing, or the thread's policy is not the usual one: then all stays
    as it was. Older kernels take it and do nothing about it.
    """
    attributes = _read()
    if attributes is None or attributes[1] != _USUAL_POLICY:
        return False
    attributes[_RUNTIME] = round(seconds * 1e9)
    return _call(0, ctypes.create_string_buffer(_ATTRIBUTES.pack(*attributes)), 0) == 0


def slice_seconds() -> float | None:
    """What this thread asks for; 0 says nothing, None that it cannot be known."""
    attributes = _read()
    return None if attributes is None else attributes[_RUNTIME] / 1e9


def _read() -> list[int] | None:
    buffer = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if _call(1, buffer, _ATTRIBUTES.size, 0) != 0:
        return None
    return list(_ATTRIBUTES.unpack(buffer.raw))


def _call(which: int, buffer: "ctypes.Array[ctypes.c_char]", *more: int) -> int:
    """For the calling thread; -1 where the call is not known."""
    numbers = _NUMBERS.get(platform.machine()) if sys.platform == "linux" else None
    if numbers is None:
        return -1
    result: int = ctypes.CDLL(None).syscall(numbers[which], 0, buffer, *more)
    return result
