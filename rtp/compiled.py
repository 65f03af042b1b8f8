"""Loops over the table's rows, compiled: at the speed of C, in the language of everything else.

A numpy call costs about a microsecond however few rows there are, ten times that after a sleep, and
a turn would be hundreds of them. A compiled function is one call for all that it does to all rows,
and keeps the interpreter: to have it again beside a busy loop may take longer than the work. Those
are `free` of it that live as long as their thread, or do most of a work that nobody waits for.

numba compiles when the module is imported, for exactly the types named: nothing is ever compiled
while a call goes on, and other types are a TypeError. What it made is kept beside the modules, or
where NUMBA_CACHE_DIR says (in the user's cache, where neither can be written), and made anew when
any module of the package changes. With NUMBA_DISABLE_JIT=1 the functions are what they look like,
and indices are checked.
"""

import ctypes
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba
import numpy as np
from numba import config, types
from numba.core.typing.templates import Signature

Function = TypeVar("Function", bound=Callable[..., object])

_PACKAGE = Path(__file__).parent
_KEPT = _PACKAGE / "__pycache__"
_LOOSE = {"contract", "reassoc"}

b1, u1, u4, u8 = types.boolean, types.uint8, types.uint32, types.uint64
i1, i4, i8 = types.int8, types.int32, types.int64
f4, f8 = types.float32, types.float64
address = types.uintp
_C_TYPES = {i4: ctypes.c_int32, u4: ctypes.c_uint32, address: ctypes.c_size_t}

READABLE_LINES = types.Array(types.uint8, 2, "A", readonly=True)
"""Lines of bytes, of any strides, that may be read only."""

READABLE_SAMPLES = types.Array(types.float32, 1, "C", readonly=True)
READABLE_FRAMES = types.Array(types.float32, 2, "C", readonly=True)


def facts_of(record: np.dtype[np.void]) -> types.Type:
    """The type of a table whose rows are `record`."""
    return types.Array(numba.from_dtype(record), 1, "C")


def compiled(
    signature: str | Signature, *, loose: bool = False, free: bool = False
) -> Callable[[Function], Function]:
    """Compiles a function for `signature`: `i8[::1]` is a contiguous array of 8-byte integers.

    Divisions are those of numpy. Floats are what Python makes of the same lines, unless `loose`:
    then sums may be made in any order, many at once, and differ in their last places. While a
    `free` one runs, others have the interpreter.
    """

    def compile_it(function: Function, *, keep: bool = True) -> Function:
        made = numba.njit(
            signature,
            cache=keep,
            nogil=free,
            error_model="numpy",
            fastmath=_LOOSE if loose else False,
        )(function)
        return cast(Function, made)

    def compile_and_keep(function: Function) -> Function:
        try:
            with _kept_beside_the_modules():
                return compile_it(function)
        except RuntimeError:
            # There is no place that could be written to.
            return compile_it(function, keep=False)

    return compile_and_keep


def part(function: Function) -> Function:
    """A function that compiled ones call: it becomes part of them, with their options."""
    return cast(Function, numba.njit(error_model="numpy")(function))


def system_call(name: str, *arguments: types.Type) -> Callable[..., int]:
    """A function of the C library, for compiled code; arrays go as addresses (`ctypes.data`).

    It returns what the function does: errno is not told.
    """
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        found = ctypes.CDLL(None)[name]
        found.argtypes = [_C_TYPES[one] for one in arguments]
        return lambda *given: int(found(*map(int, given)))
    return cast(Callable[..., int], types.ExternalFunction(name, i4(*arguments)))


@contextmanager
def _kept_beside_the_modules() -> Iterator[None]:
    """A place of its own for this version of the package: numba itself looks at one file's age."""
    before = config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = str(_folder(Path(before) if before else _KEPT))  # type: ignore[attr-defined]
    try:
        yield
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]


@cache
def _folder(root: Path) -> Path:
    digest = hashlib.sha256()
    for module in sorted(_PACKAGE.glob("*.py")):
        digest.update(module.read_bytes())
    folder = root / f"compiled-{digest.hexdigest()[:16]}"
    if not folder.exists():
        for old in root.glob("compiled-*"):
            shutil.rmtree(old, ignore_errors=True)
    return folder
