"""The media thread asks for a core sooner; nothing else does, and nothing else is changed."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

from rtp import slices
from rtp.slices import SHORT_SECONDS, shorten_slice, slice_seconds

Result = TypeVar("Result")
KNOWN = slice_seconds() is not None


def in_a_thread(work: Callable[[], Result]) -> Result:
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


@pytest.mark.skipif(not KNOWN, reason="not a Linux whose system calls are known")
def test_a_thread_has_its_own_slice() -> None:
    def shortened() -> tuple[bool, float | None, int]:
        return shorten_slice(), slice_seconds(), os.getpriority(os.PRIO_PROCESS, 0)

    usual, nice = slice_seconds(), os.getpriority(os.PRIO_PROCESS, 0)
    done, asked, niceness = in_a_thread(shortened)
    assert done
    # Linux before 6.12 has no slices of a thread's own.
    assert asked == pytest.approx(SHORT_SECONDS) or asked == usual == 0
    assert niceness == nice
    assert slice_seconds() == usual


@pytest.mark.skipif(not KNOWN, reason="not a Linux whose system calls are known")
def test_a_thread_of_another_policy_stays_as_it_is() -> None:
    def idle() -> tuple[bool, int]:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return shorten_slice(), os.sched_getscheduler(0)

    assert in_a_thread(idle) == (False, os.SCHED_IDLE)


def test_where_the_call_is_not_known_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "_NUMBERS", {})
    assert slice_seconds() is None
    assert not shorten_slice()
