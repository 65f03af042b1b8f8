"""How late this machine itself is, and what of it is used: figures are read beside it."""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

NAPS = 300
NAP_SECONDS = 0.005
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def lateness() -> tuple[float, float]:
    """How much later than asked a thread that sleeps is woken: p50 and p99, in milliseconds."""
    late = []
    for _ in range(NAPS):
        due = time.monotonic() + NAP_SECONDS
        time.sleep(NAP_SECONDS)
        late.append(time.monotonic() - due)
    p50, p99 = (float(np.percentile(late, rank)) * 1000 for rank in (50, 99))
    return p50, p99


@contextmanager
def leaving_a_core() -> Iterator[int]:
    """A core that neither this process nor those it starts in the block use; where there is but
    one, that one."""
    before = os.sched_getaffinity(0)
    core = min(before)
    os.sched_setaffinity(0, before - {core} or before)
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)


def keep_to(core: int, pid: int) -> None:
    """All threads of `pid`, and those that they start, use that core alone."""
    for thread in _threads(pid):
        os.sched_setaffinity(thread, {core})


@contextmanager
def coming_first(*pids: int) -> Iterator[None]:
    """Threads of these processes get a core before all others: they stand for other machines.

    Nothing changes where the user may not do so (CAP_SYS_NICE). Ends with the block for this
    process, and with themselves for others.
    """
    with suppress(PermissionError):
        for pid in pids:
            _schedule(pid, os.SCHED_RR, 1)
    try:
        yield
    finally:
        _schedule(os.getpid(), os.SCHED_OTHER, 0)


def _schedule(pid: int, policy: int, priority: int) -> None:
    for thread in _threads(pid):
        os.sched_setscheduler(thread, policy, os.sched_param(priority))


def _threads(pid: int) -> list[int]:
    return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]


@contextmanager
def uncollected() -> Iterator[None]:
    """This process looks for no garbage meanwhile, but before.

    It would stop all its threads, a wiretap's too, for 130 ms (measured: a tap of ten calls for a
    minute, beside all that a benchmark imports).
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def process_cpu(pid: int) -> float:
    """User and system seconds (proc_pid_stat(5)), of all threads there were."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def machine_cpu() -> float:
    """Seconds that were not idle (proc_stat(5)), on every core."""
    user, nice, system, _idle, _wait, irq, softirq, steal, *_ = (
        int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
