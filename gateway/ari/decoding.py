"""JSON from Asterisk into our frozen dataclasses."""

from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}


class Undecodable(ValueError):
    """The JSON does not have the shape asked for. Names the field and the fault, not the value."""


def decode(kind: type[T], fields: object) -> T:
    """`fields` (parsed JSON) as a `kind`. Unknown fields are ignored, null means left out.

    Raises Undecodable.
    """
    try:
        return cast("T", _adapter(kind).validate_python(_without_nulls(fields)))
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Undecodable(f"{'.'.join(map(str, fault['loc']))} {fault['type']}") from None


def prepare(*kinds: type[object]) -> None:
    """Have `decode` ready for them: the first of each kind takes milliseconds of the event loop,
    and a caller may be waiting for it."""
    for kind in kinds:
        _adapter(kind)


def _without_nulls(value: object) -> object:
    match value:
        case Mapping():
            return {k: _without_nulls(v) for k, v in value.items() if v is not None}
        case Sequence() if not isinstance(value, str):
            return [_without_nulls(item) for item in value]
        case _:
            return value


def _adapter(kind: type[object]) -> TypeAdapter[object]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
