"""A lock for what compiled code and the interpreter's threads share (pthread_mutex(3)).

Whoever waits for it keeps the interpreter, so it is held for as long as a compiled function takes,
and never while the interpreter could be lost.
"""

import numpy as np
from numpy.typing import NDArray

from rtp.compiled import address, i8, part, system_call

_lock = system_call("pthread_mutex_lock", address)
_try = system_call("pthread_mutex_trylock", address)
_unlock = system_call("pthread_mutex_unlock", address)

# At least as much as pthread_mutex_t takes anywhere; zeros are a mutex that is free.
_WORDS = 8

Mutex = NDArray[np.int64]
MUTEX = i8[::1]


def new_mutex() -> Mutex:
    """One that is free."""
    return np.zeros(_WORDS, np.int64)


@part
def lock(mutex: Mutex) -> None:
    """Waits until it is ours."""
    _lock(mutex.ctypes.data)


@part
def unlock(mutex: Mutex) -> None:
    """It was ours."""
    _unlock(mutex.ctypes.data)


@part
def try_to_lock(mutex: Mutex) -> bool:
    """Whether it is ours now; never waits."""
    return _try(mutex.ctypes.data) == 0
