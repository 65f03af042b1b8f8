"""Loops over the table's columns, compiled: at the speed of C, in the language of everything else.

A numpy call costs about a microsecond however few rows there are, and a turn would be hundreds of
them; between two large ones the interpreter may go to another thread. A compiled function is one
call for all that it does to all rows, and holds the interpreter until it has done it.

numba compiles when the module is imported, for exactly the types named, so nothing is ever compiled
while a call goes on; other types are a TypeError. What it made is kept beside the module (or in the
user's cache where that cannot be written) and made anew when the module's file changes. Therefore a
compiled function uses nothing that another file may change: no function of it, and of its constants
only those that RTP or the codec fix. With NUMBA_DISABLE_JIT=1 the functions are what they look
like, and indices are checked.
"""

from collections.abc import Callable
from typing import TypeVar

import numba
from numba import types

_LOOSE = {"contract", "reassoc"}

Function = TypeVar("Function", bound=Callable[..., object])


READABLE_LINES = types.Array(types.uint8, 2, "A", readonly=True)
"""Lines of bytes, of any strides, that may be read only."""


def compiled(signature: str | types.Type, *, loose: bool = False) -> Callable[[Function], Function]:
    """Compiles a function for `signature`: `i8[::1]` is a contiguous array of 8-byte integers.

    Divisions are those of numpy. Floats are what Python makes of the same lines, unless `loose`:
    then sums may be made in any order, many at once, and differ in their last places.
    """
    options = {"error_model": "numpy", "fastmath": _LOOSE if loose else False}

    def compile_it(function: Function) -> Function:
        try:
            return numba.njit(signature, cache=True, **options)(function)  # type: ignore[no-any-return]
        except RuntimeError:
            # There is no place that could be written to.
            return numba.njit(signature, **options)(function)  # type: ignore[no-any-return]

    return compile_it
