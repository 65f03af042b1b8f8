"""`gateway.toml` and the environment read into settings; the only reader of the environment."""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gateway.config.sections import Settings
from gateway.config.values import Section, Variable
from gateway.errors import ConfigError

CONFIG_FILE = Path("gateway.toml")
"""What is read when nothing else is named, if it is there."""
MISSING = "<missing>"
NOT_SHOWN = "<not shown>"

RawSettings: TypeAlias = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field: `ari.url`, its variable `ARI_URL`, and what pydantic knows of it."""

    section: str
    key: str
    variable: str
    field: FieldInfo

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}"

    @property
    def is_secret(self) -> bool:
        return "SecretStr" in str(self.field.annotation)


def every_section() -> Iterator[tuple[str, type[Section]]]:
    """All sections by name, in the order of the documentation."""
    for name, field in Settings.model_fields.items():
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            raise TypeError(f"{name} is not a section")
        yield name, field.annotation


def every_setting() -> Iterator[Setting]:
    """All fields of all sections, in the order of the documentation."""
    for section, model in every_section():
        for key, field in model.model_fields.items():
            named = [mark.name for mark in field.metadata if isinstance(mark, Variable)]
            variable = named[0] if named else f"{section}_{key}".upper()
            yield Setting(section, key, variable, field)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each name whether `file`, `environment` or `default` said so."""

    settings: Settings
    origins: Mapping[str, str]


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of `file` (None: gateway.toml if there is one) under the environment's.

    Raises ConfigError for the first thing that is wrong; unknown keys come before bad values.
    """
    return load_with_origins(file, environment).settings


def load_without_asterisk(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """As `load`, for commands that never talk to Asterisk: the ARI password may be missing."""
    environment = os.environ if environment is None else environment
    return load(file, {"ARI_PASSWORD": "none", **environment})


def load_with_origins(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Loaded:
    """As `load`, and where each value comes from."""
    environment = os.environ if environment is None else environment
    if file is None and CONFIG_FILE.exists():
        file = CONFIG_FILE
    values = _read_file(file) if file is not None else {}
    _check_variables(environment)
    origins = {setting.name: "default" for setting in every_setting()}
    origins |= {f"{section}.{key}": "file" for section, table in values.items() for key in table}
    for section in Settings.model_fields:
        values.setdefault(section, {})
    if cache_home := environment.get("XDG_CACHE_HOME"):
        values["cache"].setdefault("folder", f"{cache_home}/voice-gateway")
    for setting in every_setting():
        if value := environment.get(setting.variable):
            values[setting.section][setting.key] = value
            origins[setting.name] = "environment"
    home = file.parent.absolute() if file else Path.cwd()
    try:
        settings = Settings.model_validate(values, context=home)
    except ValidationError as error:
        raise _translated(error.errors()[0], origins) from None
    return Loaded(settings, origins)


def _read_file(file: Path) -> RawSettings:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            "--config", str(file), "no such file; copy gateway.example.toml there"
        ) from None
    except OSError as error:
        raise ConfigError("--config", str(file), f"cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("--config", str(file), f"is not TOML: {error}") from None
    _check_keys(tables)
    return tables


def _check_keys(tables: Mapping[str, object]) -> None:
    names = {setting.name: setting.key for setting in every_setting()}
    for section, table in tables.items():
        if section not in Settings.model_fields:
            homes = [name for name, key in names.items() if key == section]
            nearest = _nearest(section, Settings.model_fields, 0.6)
            raise _unknown(section, "table", homes[0] if homes else nearest and f"[{nearest}]")
        if not isinstance(table, dict):
            raise ConfigError(
                section, NOT_SHOWN, f"is a table: write [{section}] and keys below it"
            )
        for key in table:
            if (name := f"{section}.{key}") not in names:
                raise _unknown(name, "setting", _nearest(name, names, 0.6))


def _check_variables(environment: Mapping[str, str]) -> None:
    """A variable that is almost one of ours is a slip of the pen; others are not our business."""
    known = [setting.variable for setting in every_setting()]
    prefixes = tuple(f"{variable.partition('_')[0]}_" for variable in known)
    for name in environment:
        strange = name.startswith(prefixes) and name not in known
        if strange and (nearest := _nearest(name, known, 0.85)):
            raise _unknown(name, "variable", nearest)


def _unknown(name: str, what: str, nearest: str | None) -> ConfigError:
    """The value is not shown: it may be a secret under a misspelt name."""
    hint = f"did you mean {nearest}?" if nearest else "remove it"
    return ConfigError(name, NOT_SHOWN, f"there is no such {what}; {hint}")


def _nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    return next(iter(get_close_matches(name, known, 1, likeness)), None)


def _translated(error: ErrorDetails, origins: Mapping[str, str]) -> ConfigError:
    """pydantic's finding in the operator's words."""
    name = ".".join(str(part) for part in error["loc"][:2])
    setting = next(s for s in every_setting() if s.name == name)
    if error["type"] == "missing":
        fix = f"set {setting.variable}, or {setting.key} under [{setting.section}] in gateway.toml"
        return ConfigError(name, MISSING, fix)
    fix = error["msg"].removeprefix("Value error, ")
    field = setting.variable if origins[name] == "environment" else name
    return ConfigError(field, _shown(setting, error["input"]), fix)


def _shown(setting: Setting, value: object) -> str:
    if value is None:
        return "<unset>"
    text = " ".join(str(value).split())
    # an address with an @ may carry a password
    return NOT_SHOWN if setting.is_secret or "@" in text else text[:80]
