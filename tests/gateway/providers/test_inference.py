"""Threads for models give way to the media clock."""

import os
import sys
import threading

import pytest

from gateway.providers.inference import NICENESS, workers

NICEST = 19


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a niceness per thread")
def test_worker_threads_are_nicer_and_nobody_else_is() -> None:
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with workers("model", 1) as pool:
        theirs = pool.submit(
            lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        ).result()
    assert theirs == min(mine + NICENESS, NICEST)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine
