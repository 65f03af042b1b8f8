"""The call itself: what the caller and the person do, when they hear what they wait for."""

import asyncio
import time
from dataclasses import dataclass, field

from gateway.demo.ear import Ear
from gateway.demo.errors import PartFailed, Step
from gateway.demo.recogniser import Recogniser
from gateway.demo.script import (
    ANSWER_WITHIN,
    NUMBER,
    PAUSE,
    PERSON_EXTENSION,
    PROFILE,
    RINGING_SECONDS,
    Question,
    Script,
)
from gateway.demo.stage import Stage, failing
from gateway.demo.story import Speaker, Story, Transfer, Turn
from gateway.demo.talkspurts import Samples, Span
from gateway.demo.watch import Watch
from gateway.lab.phone import Happening, Phone
from gateway.lab.speech import Utterance

MARGIN = 0.1
SPEECH_WITHIN = 10.0
RING_WITHIN = 20.0
GONE_WITHIN, LOOK_SECONDS = 20.0, 0.05
FASTEST = 28.0
"""Characters per second: nobody speaks faster than that, and our voices take their time."""


@dataclass(slots=True)
class Performance:
    """One call. `story` is what happened, once `run` is through; until then the line has it."""

    stage: Stage
    script: Script
    recogniser: Recogniser
    watch: Watch
    turns: list[Turn] = field(default_factory=list)
    agent_left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the gateway has nothing more to do in this call."""
    _zero: float = 0.0
    _scribe: asyncio.TaskGroup = field(init=False)

    async def run(self) -> Story:
        """Call, ask, be put through, talk, hang up. Raises StepError where that fails."""
        async with asyncio.TaskGroup() as scribe:
            self._scribe = scribe
            await self._call()
            await self._agent_speaks(Step.GREETING, self.script.greeting, after=0.0)
            for question in self.script.questions:
                await self._ask(question)
            transfer = await self._be_put_through()
            await self._talk()
            ended = await self._hang_up()
        turns = sorted(self.turns, key=lambda turn: turn.start)
        return Story(NUMBER, PROFILE, tuple(turns), transfer, ended, "the caller hung up")

    @property
    def heard(self) -> Ear:
        """What reaches the caller."""
        return Ear(self.stage.tap.call.heard, self._zero)

    @property
    def said(self) -> Ear:
        """What the caller's phone sends."""
        return Ear(self.stage.tap.call.said, self._zero)

    def both_sides(self, seconds: float) -> tuple[Samples, Samples]:
        """What the caller said and what the caller heard, aligned to the sample."""
        return self.said.audio(0.0, seconds), self.heard.audio(0.0, seconds)

    # ---- with the agent

    async def _call(self) -> None:
        self.watch.awaiting("the caller dials …")
        self._zero = time.monotonic()
        self.watch.happened(0.0, f"the caller dials {NUMBER}")
        with failing(Step.ANSWER):
            await self.stage.caller.dial(f"sip:{NUMBER}@{self.stage.tap.address}")

    async def _ask(self, question: Question) -> asyncio.Task[None]:
        asked = await self._says(
            question.step, Speaker.CALLER, self.stage.caller, self.said, question.speech
        )
        return await self._agent_speaks(
            question.step, question.answer, after=asked.end, answer=True
        )

    async def _agent_speaks(
        self, step: Step, line: str, *, after: float, answer: bool = False
    ) -> asyncio.Task[None]:
        """Listen until the agent has spoken as long as `line` takes: on a busy machine it pauses,
        or says first that it needs a moment. Its words are known when the task is done."""
        self.watch.awaiting("the agent …")
        spans: list[Span] = []
        while sum(span.seconds for span in spans) < len(line) / FASTEST:
            listening = spans[-1].end if spans else after
            spans.append(
                await self.heard.utterance(step, after=listening, within=ANSWER_WITHIN, pause=PAUSE)
            )
        span = Span(spans[0].start, spans[-1].end)
        latency = span.start - after if answer else None
        return self._scribe.create_task(self._write_down(span, latency))

    async def _write_down(self, span: Span, latency: float | None) -> None:
        """While the next one already speaks: nobody on the line waits for a recogniser."""
        audio = self.heard.audio(span.start - MARGIN, span.end + MARGIN)
        text = await self.recogniser.words(audio)
        self._add(Turn(Speaker.AGENT, span.start, span.end, text, latency))

    # ---- with the person

    async def _be_put_through(self) -> Transfer:
        person = self.stage.person
        await (await self._ask(self.script.wish))
        self.watch.awaiting(f"extension {PERSON_EXTENSION} rings …")
        with failing(Step.TRANSFER):
            rang = await person.wait_for(Happening.INCOMING, within=RING_WITHIN)
            self.watch.happened(rang.time - self._zero, f"extension {PERSON_EXTENSION} rings")
            await asyncio.sleep(rang.time + RINGING_SECONDS - time.monotonic())
            await person.answer()
            taken = await person.wait_for(Happening.ESTABLISHED)
        self.watch.happened(taken.time - self._zero, "the person answers")
        return Transfer(PERSON_EXTENSION, rang.time - self._zero, taken.time - self._zero)

    async def _talk(self) -> None:
        """The person's words are timed where they matter: at the caller's ear."""
        self.agent_left.set()
        await asyncio.sleep(PAUSE / 2)
        await self._says(
            Step.CALLER_HEARS_PERSON,
            Speaker.PERSON,
            self.stage.person,
            self.heard,
            self.script.person_says,
        )
        await self._says(
            Step.PERSON_HEARS_CALLER,
            Speaker.CALLER,
            self.stage.caller,
            self.said,
            self.script.caller_says,
        )

    async def _says(
        self, step: Step, who: Speaker, phone: Phone, ear: Ear, speech: Utterance
    ) -> Span:
        """Play a line into `phone`; when it was heard to pass at `ear`."""
        self.watch.awaiting(f"the {who} …")
        began = self._now()
        with failing(step):
            await phone.say(speech.path)
        span = await ear.utterance(step, after=began, within=SPEECH_WITHIN, pause=PAUSE / 2)
        self._add(Turn(who, span.start, span.end, speech.text))
        return span

    async def _hang_up(self) -> float:
        """Nothing may be left of the call anywhere."""
        self.watch.awaiting("the caller hangs up …")
        ended = self._now()
        with failing(Step.END):
            await self.stage.caller.hang_up()
            await self.stage.person.wait_for(Happening.CLOSED, within=SPEECH_WITHIN)
        self.watch.happened(ended, "the caller hangs up")
        while left := await self._left():
            if self._now() > ended + GONE_WITHIN:
                raise PartFailed(Step.END, f"left behind: {left}")
            await asyncio.sleep(LOOK_SECONDS)
        return ended

    async def _left(self) -> str:
        channels = await self.stage.asterisk.cli("core show channels count")
        calls = await self.stage.gateway.calls()
        count = int(channels.split(maxsplit=1)[0])
        return f"{count} channels, {calls} calls" if count or calls else ""

    # ----

    def _now(self) -> float:
        return time.monotonic() - self._zero

    def _add(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.watch.spoken(turn)
