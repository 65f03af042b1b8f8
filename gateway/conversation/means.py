"""What the acts of one call's agent work with."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from gateway.conversation.asking import Asking, CallControl
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.history import History
from gateway.conversation.prompts import backdrop
from gateway.conversation.record import CallRecord
from gateway.conversation.speaking import Speaking
from gateway.conversation.speech import SpeechMaker
from gateway.conversation.toolbox import Toolbox
from gateway.conversation.waiting import Patience, Rotation
from gateway.profile import Profile
from gateway.providers.base import LanguageModel, SpeechToText
from gateway.tools.base import Tool, ToolContext
from rtp.codec import Codec


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

    @classmethod
    def of(
        cls,
        facts: CallFacts,
        *,
        speaking: Speaking,
        codec: Codec,
        control: CallControl,
        tools: Mapping[str, Tool],
        model: LanguageModel,
        history: History,
        record: CallRecord,
        tasks: asyncio.TaskGroup,
        now: Callable[[], float],
        switch: Callable[[str], bool],
    ) -> Self:
        """Those of a call as its profile wants them; its sounds are made for `codec`."""
        waiting, language = facts.profile.waiting, facts.language
        working = backdrop(waiting.sound, codec, language)
        ringing = backdrop(waiting.transfer, codec, language)
        return cls(
            facts=facts,
            speaking=speaking,
            asking=Asking(control, speaking, record, ringing=ringing, now=now),
            toolbox=Toolbox(tools, facts.for_tools),
            model=model,
            history=history,
            record=record,
            fillers=Rotation(facts.profile.phrases.fillers),
            patience=Patience.of(waiting),
            working=None if working is None else Backdrop(working),
            tasks=tasks,
            now=now,
            switch=switch,
        )

    def speak(self, tongue: Tongue) -> None:
        """Say and do in another language all that is begun from now on."""
        self.facts = tongue.facts
        self.toolbox = Toolbox(tongue.tools, tongue.facts.for_tools)
        self.fillers = Rotation(tongue.facts.profile.phrases.fillers)
        self.speaking.speak_as(tongue.voice)
