"""A call on a fake line, ready to be played in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.conversation.dialogue import CallFacts, Dialogue, DialogueSettings
from gateway.conversation.listening import EndSense
from gateway.conversation.means import Tongue
from gateway.conversation.record import AgentTurn, CallerTurn, CallRecord
from gateway.conversation.sessions import Session, Sessions
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.metrics import Metrics
from gateway.money.purse import Purse
from gateway.profile import Person, Phrases, Profile
from gateway.providers.base import Json, TextDelta, ToolSpec, Voice
from gateway.providers.measured import MeasuredModel, Meter
from gateway.tools.base import Tool, ToolContext, ToolResult
from tests.fakes.speech import Call, Ear, Line, Model, Speaker, Words

PROFILE = Profile(
    name="clinic",
    greeting="Hello, this is Acme Clinic.",
    phrases=Phrases(
        no_input=("Are you there?", "Goodbye then."),
        fillers=("One moment.", "Just a second."),
        apology="Something broke.",
        connecting="Connecting you to {person}.",
        nobody_available="Nobody is at {person}.",
    ),
    people={"anna": Person(endpoint="PJSIP/1001", description="Anna")},
    default_person="anna",
)


def profile(**changes: object) -> Profile:
    return PROFILE.model_copy(update=changes)


def says(*texts: str | float) -> list[TextDelta | float]:
    """A model's answer; a number is a pause of so many seconds."""
    return [text if isinstance(text, float) else TextDelta(text) for text in texts]


@dataclass
class FakeTool:
    """Answers `result` after `seconds`."""

    result: ToolResult
    effect: bool = True
    seconds: float = 0.0
    ran: int = 0

    def __post_init__(self) -> None:
        schema: Mapping[str, Json] = {
            "type": "object",
            "properties": {"target": {"type": "string"}},
            "additionalProperties": False,
        }
        self.spec = ToolSpec("act", "does it", schema, effect=self.effect)

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        self.ran += 1
        await asyncio.sleep(self.seconds)
        return self.result


@dataclass
class Scene:
    """A call on the line, ready to be played."""

    model: Model = field(default_factory=Model)
    speaker: Speaker = field(default_factory=Speaker)
    call: Call = field(default_factory=Call)
    tools: dict[str, Tool] = field(default_factory=dict)
    profile: Profile = PROFILE
    settings: DialogueSettings = field(default_factory=DialogueSettings)
    words: Words = field(default_factory=Words)
    delay: float = 0.1
    sense: EndSense | None = None
    sessions: Sessions | None = None
    earlier: Session | None = None
    purse: Purse | None = None
    """Pays for the model."""
    tongues: Callable[[str], Tongue | None] = lambda language: None

    def __post_init__(self) -> None:
        self.line = Line(self.words)
        self.ear = Ear(self.words, delay=self.delay)
        self.record = CallRecord()

    @asynccontextmanager
    async def play(self) -> AsyncIterator["Scene"]:
        """The dialogue runs inside the block; at its end the caller hangs up."""
        loop = asyncio.get_running_loop()
        self.dialogue = Dialogue(
            CallFacts("call", "+15550132", self.profile, "en-US"),
            mouth=self.line,
            control=self.call,
            stt=self.ear,
            model=MeasuredModel(self.model, Meter(Metrics(), "llm", "model", loop.time)),
            voice=SpeechMaker(
                self.speaker,
                Voice("en-US"),
                self.line.codec,
                SpeechLibrary(),
                self.profile.recordings,
            ),
            tools=self.tools,
            record=self.record,
            clock=loop.time,
            settings=self.settings,
            sense=self.sense,
            sessions=self.sessions,
            earlier=self.earlier,
            purse=self.purse,
            tongues=self.tongues,
        )
        self.line.on_tick = self.dialogue.heard
        async with asyncio.TaskGroup() as tasks:
            clock = tasks.create_task(self.line.run())
            self.task = tasks.create_task(self.dialogue.run())
            yield self
            self.task.cancel()
            await asyncio.wait([self.task])
            clock.cancel()
        assert self.ear.open_calls == 0

    def agent(self, kind: str | None = None) -> list[str]:
        turns = [e for e in self.record.entries if isinstance(e, AgentTurn)]
        return [turn.heard for turn in turns if kind in (None, turn.kind)]

    def caller(self) -> list[str]:
        return [e.text for e in self.record.entries if isinstance(e, CallerTurn)]

    async def until(self, condition: Callable[[], bool], *, within: float = 30.0) -> None:
        async with asyncio.timeout(within):
            await self.line.until(condition)

    async def greeted(self) -> "Scene":
        await self.until(lambda: self.agent("greeting") != [])
        return self
