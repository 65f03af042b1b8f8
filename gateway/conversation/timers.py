"""Events that come by themselves when nothing else does: one timer per kind."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Event = TypeVar("Event")


class Timers(Generic[Event]):
    """`post` gets the event when its time has come."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._handles: dict[type[Event], asyncio.TimerHandle] = {}

    def start(self, event: Event, seconds: float) -> None:
        """Post `event` after `seconds`; an earlier one of its kind comes no more."""
        self.stop(type(event))
        loop = asyncio.get_running_loop()
        self._handles[type(event)] = loop.call_later(seconds, self._post, event)

    def stop(self, kind: type[Event]) -> None:
        """No event of `kind` comes, unless it is started again."""
        if (handle := self._handles.pop(kind, None)) is not None:
            handle.cancel()

    def stop_all(self) -> None:
        for kind in tuple(self._handles):
            self.stop(kind)
