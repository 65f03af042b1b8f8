"""How the providers of one kind are listed: a name, what makes it, and the extra it needs."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from pydantic import SecretStr

from gateway.config import MISSING, Settings
from gateway.errors import ConfigError

Made = TypeVar("Made", covariant=True)


@dataclass(frozen=True, slots=True)
class Maker(Generic[Made]):
    """`make` imports the provider's own module, so that only what is named must be installed.

    `extra` is the extra of our package that brings what the module imports; None: nothing.
    """

    make: Callable[[Settings], Made]
    extra: str | None = None


Makers: TypeAlias = Mapping[str, Maker[Made]]


def made(
    field: str, names: tuple[str, ...], makers: Makers[Made], settings: Settings
) -> Iterator[Made]:
    """The providers `names`, which the setting `field` says. Raises ConfigError for one that is
    not there, is not installed or lacks a setting."""
    for name in names:
        if name not in makers:
            known = ", ".join(makers)
            raise ConfigError(field, name, f"there is no such provider; there are: {known}")
        maker = makers[name]
        try:
            yield maker.make(settings)
        except ModuleNotFoundError as error:
            if maker.extra is None:
                raise
            fix = f"needs the package {error.name}: pip install 'voice-gateway[{maker.extra}]'"
            raise ConfigError(field, name, fix) from None


def needed(field: str, variable: str, key: SecretStr | None) -> str:
    """The key in the setting `field`. Raises ConfigError where there is none."""
    if key is None or not key.get_secret_value():
        raise ConfigError(field, MISSING, f"set {variable}")
    return key.get_secret_value()


def named(field: str, variable: str, value: str | None) -> str:
    """What the setting `field` says. Raises ConfigError where it says nothing."""
    if value is None:
        raise ConfigError(field, MISSING, f"set {variable}")
    return value


def given(field: str, variable: str, path: Path | None) -> Path:
    """The file or folder in the setting `field`. Raises ConfigError where none is named."""
    if path is None:
        raise ConfigError(field, MISSING, f"set {variable}")
    return path


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
