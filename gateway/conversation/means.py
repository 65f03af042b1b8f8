"""What the acts of one call's agent work with."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.conversation.asking import Asking
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.history import History
from gateway.conversation.record import CallRecord
from gateway.conversation.speaking import Speaking
from gateway.conversation.toolbox import Toolbox
from gateway.conversation.waiting import Patience, Rotation
from gateway.profile import Profile
from gateway.providers.base import LanguageModel
from gateway.tools.base import ToolContext


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when its conversation begins. `language` is BCP 47."""

    call_id: str
    caller_number: str
    profile: Profile
    language: str
    began: str = ""
    """The date of the call, ISO 8601."""

    @property
    def for_tools(self) -> ToolContext:
        """What tools may know of the call."""
        return ToolContext(self.call_id, self.profile.name, self.language, self.caller_number)


@dataclass(frozen=True, slots=True)
class Means:
    """`tasks` owns what must outlive an act that is interrupted; `now` is seconds of the call;
    `working` is what a caller hears who has to wait, None for nothing."""

    facts: CallFacts
    speaking: Speaking
    asking: Asking
    toolbox: Toolbox
    model: LanguageModel
    history: History
    record: CallRecord
    fillers: Rotation
    patience: Patience
    working: Backdrop | None
    tasks: asyncio.TaskGroup
    now: Callable[[], float]
