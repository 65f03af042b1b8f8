"""Callers of a gateway whose providers fail: two of each kind behind lines that go bad.

Real Asterisk, the gateway as its own process, real SDKs and sockets. Each kind has a first provider
and one behind it, of another vendor. What a caller hears is judged at the caller's socket.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic

from gateway.demo.gateway_process import AriAccount, GatewayProcess, Tables
from gateway.kinds import Kind
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Caller, Callers, CallState
from gateway.lab.hearing import Voice, voices
from gateway.lab.speech import utterance
from gateway.providers.base import Json
from tests.vendors import azure, azure_stt, deepgram, elevenlabs, sse
from tests.vendors.anthropic import AnthropicWire
from tests.vendors.bad_line import BadLine, Does, Fault, bad_line
from tests.vendors.conduct import Conduct
from tests.vendors.openai import OpenAiWire
from tests.vendors.sse import Script

PROFILES = Path(__file__).parent / "chaos_profiles"
EXTENSION = "ai_chaos"
QUESTION = "bella-hours"
WORD = "hours?"
ANSWER = "Number {n} is open from nine to five today."
PATIENCE = 30.0
"""Seconds a caller stays on the line for an answer."""
QUIET = 1.6
"""Silence after which a caller who was answered takes it to be over."""
MORE_THAN_A_FILLER = 2.2
"""Seconds of voice: two fillers are shorter, and every answer is longer."""
AROUND = 0.3
KEYS = ("DEEPGRAM", "AZURE", "ANTHROPIC", "GROQ", "ELEVENLABS")


class Outcome(StrEnum):
    """What became of a caller."""

    ANSWER = "answer"
    APOLOGY = "apology"
    """And then a person or the dialplan's fallback."""
    PERSON = "person"
    """Or the dialplan's fallback, without an apology."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes wrong from before the call on: a fault of a kind's lines, or refusals."""

    name: str
    kind: Kind | None = None
    fault: Fault | None = None
    refuses: bool = False
    everywhere: bool = False
    """The provider behind the first one fails as well."""


@dataclass(frozen=True, slots=True)
class Call:
    """One caller's experience. Seconds from the end of the question: `delay` to the first sound,
    `silence` is the longest stretch without any, until what was heard last."""

    number: str
    delay: float | None
    silence: float


@dataclass(slots=True)
class Result:
    """Of one scenario."""

    scenario: Scenario
    calls: list[Call] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def scenarios() -> Iterator[Scenario]:
    """Each kind killed, hung, slowed, made to lie and refusing, at the stages of its turn."""
    yield Scenario("nothing is wrong")
    stages = {Kind.STT: 900, Kind.LLM: 1_000, Kind.TTS: 20_000}
    for kind, after in stages.items():
        for does, said in ((Does.CUT, "killed"), (Does.HANG, "hung"), (Does.LIE, "lies")):
            yield Scenario(f"{kind.value} {said} at its start", kind, Fault(does))
            yield Scenario(f"{kind.value} {said} in the middle", kind, Fault(does, after))
        yield Scenario(f"{kind.value} slowed", kind, Fault(Does.SLOW, seconds=0.5))
        yield Scenario(f"{kind.value} refuses (429)", kind, refuses=True)
        yield Scenario(f"all {kind.value} killed", kind, Fault(Does.CUT), everywhere=True)


class Writing(AnthropicWire):
    """Never the same words twice, by whichever model: no cache may help."""

    def __init__(self) -> None:
        self._answers = 1_000

    def pieces(self, text: str) -> Sequence[str]:
        self._answers += 1
        return _words(text, self._answers)


class OtherWriting(OpenAiWire):
    """The same from the other vendor."""

    def __init__(self) -> None:
        self._answers = 5_000

    def events(self, script: Script) -> Iterator[str]:
        self._answers += 1
        (text,) = (str(part) for part in script)
        return super().events(tuple(_words(text, self._answers)))


def _words(text: str, n: int) -> Sequence[str]:
    words = text.format(n=n).split(" ")
    return [words[0], *(f" {word}" for word in words[1:])]


@dataclass(slots=True)
class Scene:
    """Everything in place: `play` a scenario."""

    asterisk: PrivateAsterisk
    gateway: GatewayProcess
    callers: Callers
    lines: Mapping[Kind, tuple[BadLine, BadLine]]
    conducts: Mapping[Kind, Conduct]
    results: list[Result] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(5_551_000, 5_559_999)))

    async def play(self, scenario: Scenario, calls: int) -> Result:
        """`calls` callers, a little after one another, while `scenario` holds."""
        result = Result(scenario)
        self._go_wrong(scenario)
        try:
            async with asyncio.TaskGroup() as tasks:
                for index in range(calls):
                    tasks.create_task(self._call(index, result))
        finally:
            self._go_right(scenario)
        self.results.append(result)
        return result

    def _go_wrong(self, scenario: Scenario) -> None:
        if scenario.kind is None:
            return
        if scenario.refuses:
            conduct = self.conducts[scenario.kind]
            conduct.status, conduct.retry_after = 429, 1
            # a stream or a socket that is open already is not refused any more
            self.lines[scenario.kind][0].becomes(None)
        for line in self.lines[scenario.kind][: 2 if scenario.everywhere else 1]:
            if scenario.fault is not None:
                line.becomes(scenario.fault)

    def _go_right(self, scenario: Scenario) -> None:
        if scenario.kind is None:
            return
        self.conducts[scenario.kind].status = 200
        for line in self.lines[scenario.kind]:
            line.becomes(None)

    async def _call(self, index: int, result: Result) -> None:
        await asyncio.sleep(AROUND * index)
        caller = self.callers.ring(EXTENSION, number=str(next(self._numbers)))
        await caller.answered(within=PATIENCE)
        begun = monotonic()
        await _heard_out(caller, begun)
        said = utterance(QUESTION).audio
        asked = begun
        if caller.state is CallState.UP:
            asked = (await caller.say(said)).end
        await _heard_out(caller, asked, enough=MORE_THAN_A_FILLER)
        result.calls.append(_experience(caller, asked))
        caller.hang_up()
        await caller.ended(within=PATIENCE)

    async def judged(self) -> Sequence[Result]:
        """What became of each caller, by what the gateway wrote down. It is stopped for it."""
        await self.gateway.stop()
        records = {str(record["caller"]): record for record in self.gateway.call_records()}
        for result in self.results:
            for call in result.calls:
                result.outcomes[call.number] = _outcome(call, records.get(call.number))
        return self.results


async def _heard_out(caller: Caller, since: float, *, enough: float = 0.0) -> None:
    """Listen until the other side has spoken for `enough` seconds and been quiet, or the call is
    over: a filler is waited out."""
    while caller.state is CallState.UP and monotonic() - since < PATIENCE:
        heard = caller.line.last_voice > since and caller.quiet >= QUIET
        if heard and _spoken(caller, since) >= enough:
            return
        await asyncio.sleep(0.05)


def _spoken(caller: Caller, since: float) -> float:
    """Seconds of voice since then."""
    return sum(voice.end - max(voice.start, since) for voice in _voices_after(caller, since))


def _voices_after(caller: Caller, since: float) -> Sequence[Voice]:
    return [voice for voice in voices(caller.heard) if voice.end > since]


def _experience(caller: Caller, asked: float) -> Call:
    heard = _voices_after(caller, asked)
    silence, quiet_since = 0.0, asked
    for voice in heard:
        silence = max(silence, voice.start - quiet_since)
        quiet_since = max(quiet_since, voice.end)
    delay = max(0.0, heard[0].start - asked) if heard else None
    return Call(caller.number, delay, silence)


def _outcome(call: Call, record: Mapping[str, Json] | None) -> Outcome:
    if call.delay is None or record is None:
        return Outcome.NOTHING
    conversation = record["conversation"]
    assert isinstance(conversation, Mapping)
    turns = conversation["turns"]
    assert isinstance(turns, list)
    kinds = {str(turn.get("kind")) for turn in turns}
    if "leaving" in kinds:
        return Outcome.APOLOGY
    answers = [turn for turn in turns if turn.get("kind") == "answer"]
    if any("today" in str(turn["text"]) for turn in answers):
        return Outcome.ANSWER
    asked_again = {"not_understood", "no_input"} & kinds
    return Outcome.PERSON if record["end_reason"] == "fallback" or asked_again else Outcome.NOTHING


@asynccontextmanager
async def scene(asterisk: PrivateAsterisk, folder: Path) -> AsyncIterator[Scene]:
    """A gateway on `asterisk` and its six vendors; nothing of them is left behind the block."""
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(deepgram.serving(*[WORD] * 1000))
        ear_behind = await stack.enter_async_context(azure_stt.serving(*[WORD] * 1000))
        model = await stack.enter_async_context(sse.serving(Writing(), ANSWER))
        model_behind = await stack.enter_async_context(sse.serving(OtherWriting(), ANSWER))
        voice = await stack.enter_async_context(elevenlabs.serving())
        voice_behind = await stack.enter_async_context(azure.serving())
        voice.conduct.drip = 0.02
        model.conduct.delay = model_behind.conduct.delay = 0.2
        model.conduct.drip = 0.02
        servers = {
            Kind.STT: (ear.address, ear_behind.address),
            Kind.LLM: (model.address, model_behind.address),
            Kind.TTS: (voice.address, voice_behind.address),
        }
        lines = {
            kind: (
                await stack.enter_async_context(bad_line(first)),
                await stack.enter_async_context(bad_line(behind)),
            )
            for kind, (first, behind) in servers.items()
        }
        account = AriAccount(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
        gateway = GatewayProcess(
            account,
            folder=folder,
            settings=_settings(folder, lines),
            environment={f"{vendor}_API_KEY": "key" for vendor in KEYS},
        )
        await stack.enter_async_context(gateway)
        callers = await stack.enter_async_context(Callers(asterisk.sip_address))
        conducts = {Kind.STT: ear.conduct, Kind.LLM: model.conduct, Kind.TTS: voice.conduct}
        yield Scene(asterisk, gateway, callers, lines, conducts)


def _settings(folder: Path, lines: Mapping[Kind, tuple[BadLine, BadLine]]) -> Tables:
    addresses = {kind: [line.address for line in pair] for kind, pair in lines.items()}
    return {
        "profiles": {"folder": str(PROFILES), "default": "chaos"},
        "stt": {"provider": "deepgram, azure"},
        "llm": {"provider": "anthropic, groq"},
        "tts": {"provider": "elevenlabs, azure"},
        # so that each scenario finds everybody in their places
        "breaker": {"rest_seconds": 1, "longest_rest_seconds": 1},
        "deepgram": {"base_url": addresses[Kind.STT][0]},
        "azure": {"stt_url": addresses[Kind.STT][1], "tts_url": addresses[Kind.TTS][1]},
        "anthropic": {"base_url": addresses[Kind.LLM][0]},
        "groq": {"base_url": f"{addresses[Kind.LLM][1]}/v1"},
        "elevenlabs": {"base_url": addresses[Kind.TTS][0]},
        "cache": {"folder": str(folder / "cache")},
    }


@asynccontextmanager
async def private_scene() -> AsyncIterator[Scene]:
    """A scene with an Asterisk of its own."""
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-gateway-bench-"))
        )
        asterisk = await stack.enter_async_context(PrivateAsterisk())
        yield await stack.enter_async_context(scene(asterisk, folder))
