"""The gateway's command line, with notes on where its CPU goes.

The kernel counts the CPU of the loop's thread (timer_create(2) on its own CPU clock) and says
every `PERIOD` of it; then the stack is looked at, and the sample belongs to the innermost frame
that is somebody's. What other threads use is in /proc, by thread. At the end both are written as
JSON to the file that SAMPLES names. CORE is the one core that it may use.
"""

import atexit
import ctypes
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import gateway
from gateway.__main__ import main

PERIOD = 0.004
"""Seconds of CPU between two samples: a tick of the kernel's, which counts no finer."""
SAMPLES_BETWEEN_LOOKS = 100
"""At the threads that there are."""
ROOT = f"{Path(gateway.__file__).parents[1]}/"
OURS = tuple(f"{ROOT}{package}/" for package in ("gateway", "rtp"))
LOOP = "event loop"
EITHER = "aiohttp"
MEDIA = "media plane"
OWNERS = (
    ("/gateway/providers/deepgram", "STT"),
    ("/gateway/__main__", LOOP),
    ("/gateway/providers/anthropic", "LLM"),
    ("/gateway/providers/http", "LLM"),
    ("/anthropic/", "LLM"),
    ("/httpx2/", "LLM"),
    ("/httpcore2/", "LLM"),
    ("/anyio/", "LLM"),
    ("/gateway/providers/google", "TTS"),
    ("/google/", "TTS"),
    ("/grpc/", "TTS"),
    ("/gateway/ari/", "ARI"),
    ("/aiohttp/", EITHER),
    ("/gateway/session/switchboard", "ARI"),
    ("/gateway/session/hands", "ARI"),
    ("/gateway/", "conversation"),
    ("/rtp/engine", MEDIA),
)
"""By the path of a module; the first that fits."""

samples: list[tuple[float, str, str, str]] = []
"""When, whose, the innermost and the outermost function of ours."""
threads: dict[int, str] = {}


class _SignalEvent(ctypes.Structure):
    """struct sigevent: only what SIGEV_SIGNAL reads."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    )


class _TimerSpec(ctypes.Structure):
    """struct itimerspec: interval and first, each seconds and nanoseconds."""

    _fields_ = (("times", ctypes.c_long * 4),)


def watch() -> None:
    """Take a sample of this, the main thread, whenever it has used another `PERIOD` of CPU."""
    clock = time.pthread_getcpuclockid(threading.get_ident())
    libc = ctypes.CDLL(None, use_errno=True)
    timer = ctypes.c_void_p()
    event = _SignalEvent(None, signal.SIGPROF, 0)
    nanoseconds = int(PERIOD * 1e9)
    times = _TimerSpec((ctypes.c_long * 4)(0, nanoseconds, 0, nanoseconds))
    signal.signal(signal.SIGPROF, _note)
    signal.siginterrupt(signal.SIGPROF, False)  # noqa: FBT003 - it has no names
    if libc.timer_create(clock, ctypes.byref(event), ctypes.byref(timer)) or libc.timer_settime(
        timer, 0, ctypes.byref(times), None
    ):
        raise OSError(ctypes.get_errno(), "no CPU timer")


def _note(_signal: int, frame: FrameType | None) -> None:
    """The owner of the innermost frame that has one, and the innermost function of ours.

    Deepgram and Asterisk share aiohttp: who has called it, or TLS, which only Deepgram has here,
    tells them apart.
    """
    owner = place = outer = ""
    for each in _outwards(frame):
        path = each.f_code.co_filename
        if owner in ("", EITHER):
            owner = _owner(each, path) or owner
        if path.startswith(OURS) and "__main__" not in path:
            outer = f"{path.removeprefix(ROOT)}:{each.f_code.co_qualname}"
            place = place or outer
    owner = {"": LOOP, EITHER: "ARI"}.get(owner, owner)
    samples.append((time.monotonic(), owner, place, outer))
    if len(samples) % SAMPLES_BETWEEN_LOOKS == 1:
        _silence_wakeups()
        threads.update((each.native_id or 0, each.name) for each in threading.enumerate())


def _silence_wakeups() -> None:
    """Every signal wakes the loop through a pipe; one that is full is full of us."""
    if (pipe := signal.set_wakeup_fd(-1)) != -1:
        signal.set_wakeup_fd(pipe, warn_on_full_buffer=False)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _owner(frame: FrameType, path: str) -> str:
    """Asyncio works for somebody: for the protocol behind its TLS, or for a compiled callback."""
    if path.endswith("asyncio/sslproto.py"):
        protocol = getattr(frame.f_locals.get("self"), "_app_protocol", None)
        path = _as_path(type(protocol).__module__)
        if "/aiohttp/" in path:
            # a parser of its own has only a WebSocket; HTTP with TLS is the model's
            socket = getattr(protocol, "_payload_parser", None) is not None
            return "STT" if socket else "LLM"
    elif path.endswith("asyncio/events.py"):
        callback = getattr(frame.f_locals.get("self"), "_callback", None)
        path = _as_path(getattr(callback, "__module__", None) or type(callback).__module__)
    return next((owner for part, owner in OWNERS if part in path), "")


def _as_path(module: str) -> str:
    return f"/{module.replace('.', '/')}/"


def _write() -> None:
    Path(os.environ["SAMPLES"]).write_text(json.dumps({"threads": threads, "samples": samples}))


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(os.environ["CORE"])})
    atexit.register(_write)
    watch()
    main()
