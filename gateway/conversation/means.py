"""What the acts of one call's agent work with."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gateway.conversation import tones
from gateway.conversation.asking import Asking
from gateway.conversation.clip import Clip
from gateway.conversation.framer import as_it_is
from gateway.conversation.history import History
from gateway.conversation.record import CallRecord
from gateway.conversation.speaking import Speaking
from gateway.conversation.toolbox import Toolbox
from gateway.conversation.waiting import Patience, Rotation
from gateway.profile import Profile
from gateway.providers.base import LanguageModel
from gateway.tools.base import ToolContext
from rtp.codec import Codec


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when its conversation begins. `language` is BCP 47."""

    call_id: str
    caller_number: str
    profile: Profile
    language: str

    @property
    def for_tools(self) -> ToolContext:
        """What tools may know of the call."""
        return ToolContext(self.call_id, self.profile.name, self.language, self.caller_number)


@dataclass(frozen=True, slots=True)
class Means:
    """`tasks` owns what must outlive an act that is interrupted; `now` is seconds of the call;
    `working` is what a caller hears who has to wait."""

    facts: CallFacts
    speaking: Speaking
    asking: Asking
    toolbox: Toolbox
    model: LanguageModel
    history: History
    record: CallRecord
    fillers: Rotation
    patience: Patience
    working: Clip
    tasks: asyncio.TaskGroup
    now: Callable[[], float]


@cache
def sound_of_work(codec: Codec) -> Clip:
    """A second of somebody typing."""
    return as_it_is(tones.typing(codec.sample_rate), codec)
