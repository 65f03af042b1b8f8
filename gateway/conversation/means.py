"""What the acts of one call's agent work with."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.conversation.asking import Asking
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.history import History
from gateway.conversation.record import CallRecord
from gateway.conversation.speaking import Speaking
from gateway.conversation.speech import SpeechMaker
from gateway.conversation.toolbox import Toolbox
from gateway.conversation.waiting import Patience, Rotation
from gateway.profile import Profile
from gateway.providers.base import LanguageModel, SpeechToText
from gateway.tools.base import Tool, ToolContext


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
class Tongue:
    """All of a call that changes with its language."""

    facts: CallFacts
    stt: SpeechToText
    voice: SpeechMaker
    tools: Mapping[str, Tool]


@dataclass(slots=True)
class Means:
    """`tasks` owns what must outlive an act that is interrupted; `now` is seconds of the call;
    `working` is what a caller hears who has to wait, None for nothing. `switch` has the call go on
    in another language, and says whether that is possible: then `facts`, `toolbox` and `fillers`
    are those of that language."""

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
    switch: Callable[[str], bool]
