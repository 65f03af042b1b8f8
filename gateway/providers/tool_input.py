"""Tool calls as language models write them: JSON text in pieces. Pure."""

import json
from collections.abc import Sequence

from gateway.providers.base import ToolCall


def tool_call(call_id: str, name: str, pieces: Sequence[str]) -> ToolCall:
    """The call whose arguments are `pieces` put together; no text at all is no arguments."""
    try:
        arguments = json.loads("".join(pieces).strip() or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return ToolCall(call_id, name, {}, unreadable=True)
    return ToolCall(call_id, name, arguments)


def _refuse(constant: str) -> object:
    """NaN and the infinities are Python's, not JSON's."""
    raise ValueError(constant)
