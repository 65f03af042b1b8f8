"""The conversation as the language model sees it: only what was really said and really heard.

Pure. The caller's words that follow each other without an answer are one message. What the agent
wanted to say and nobody heard is not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from gateway.providers.base import Json, Message, Role, ToolCall

MOST_MESSAGES = 200
"""Older messages are forgotten, whole exchanges at a time."""
INTERRUPTED = "…"


class History:
    """Messages in order, and the model's private `state`; `revision` counts their changes."""

    def __init__(self, messages: Sequence[Message] = ()) -> None:
        self._messages = list(messages)
        self.revision = 0
        self.state: Mapping[str, Json] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"<History {len(self._messages)} messages>"

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def with_caller(self, text: str) -> tuple[Message, ...]:
        """The messages as they would be if the caller said `text` next. Nothing is remembered."""
        if self._messages and self._messages[-1].role is Role.USER:
            last = self._messages[-1]
            joined = replace(last, text=f"{last.text} {text}".strip())
            return (*self._messages[:-1], joined)
        return (*self._messages, Message(Role.USER, text))

    def caller_said(self, text: str) -> None:
        if text:
            self._messages[:] = self.with_caller(text)
            self._forget()

    def agent_said(self, heard: str, *, interrupted: bool = False) -> None:
        """`heard` of it reached the caller's ear; nothing heard is nothing said."""
        if heard:
            text = f"{heard}{INTERRUPTED}" if interrupted and not heard.endswith("…") else heard
            self._messages.append(Message(Role.ASSISTANT, text, interrupted=interrupted))
            self._forget()

    def tools_ran(self, heard: str, results: Sequence[tuple[ToolCall, str]]) -> None:
        """The agent said `heard`, called tools, and was told their results."""
        calls = tuple(call for call, _ in results)
        self._messages.append(Message(Role.ASSISTANT, heard, tool_calls=calls))
        for call, result in results:
            self._messages.append(Message(Role.TOOL, result, tool_call_id=call.id))
        self._forget()

    def _forget(self) -> None:
        """Drop the oldest exchanges, so that the first message is again the caller's."""
        self.revision += 1
        if len(self._messages) <= MOST_MESSAGES:
            return
        kept = len(self._messages) - MOST_MESSAGES // 2
        while kept < len(self._messages) and self._messages[kept].role is not Role.USER:
            kept += 1
        del self._messages[:kept]
