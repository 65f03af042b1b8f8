"""Deepgram's Flux, which also says when a turn is over (developers.deepgram.com, Flux).

Its opinion on the turn goes along as TurnHint; the turn machine has the last word. Flux knows no
Finalize: at the end of a segment a little silence makes it settle what it heard, and ForceEndTurn
closes its turn, so that no turn of Flux spans two segments.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import ClientWebSocketResponse, WSMessage

from gateway.errors import ProviderProtocol, ProviderRefused
from gateway.kinds import Kind
from gateway.languages import spoken_language
from gateway.providers.base import Transcript, TurnHint
from gateway.providers.coverage import vendor_code
from gateway.providers.deepgram import TELEPHONE_RATE, Deepgram
from gateway.providers.deepgram_transcriber import (
    NAME,
    Begin,
    DeepgramTranscriber,
    Finalize,
    told_by,
)

PREFIX = "flux"
"""What the names of Flux' models begin with."""
MULTILINGUAL = "multi"
SILENCE = b"\xff"
"""A sample of it, mu-law."""
TAIL_SECONDS = 0.4
"""Flux reports about every quarter of a second of audio."""
ALIVE_SECONDS = 0.08
FINAL_SECONDS = 2.0
"""From the end of a segment to its last word; then it is what was heard so far."""
FORCE_END_TURN = '{"type": "ForceEndTurn"}'
HINTS: Mapping[str, TurnHint] = {
    "StartOfTurn": TurnHint.STARTED,
    "EagerEndOfTurn": TurnHint.LIKELY_OVER,
    "TurnResumed": TurnHint.RESUMED,
    "EndOfTurn": TurnHint.OVER,
}


class Flux(Deepgram):
    """SpeechToText by one of Deepgram's Flux models.

    `eager` and `certain` are how sure it has to be to say that a turn is likely over (None: it
    never says so), and that it is over (None: as Deepgram thinks best).
    """

    path = "/v2/listen"

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str,
        eager: float | None = None,
        certain: float | None = None,
        rate: int = TELEPHONE_RATE,
    ) -> None:
        super().__init__(api_key=api_key, model=model, base_url=base_url, rate=rate)
        thresholds = (("eager_eot_threshold", eager), ("eot_threshold", certain))
        self._thresholds = [(name, str(value)) for name, value in thresholds if value is not None]

    def _transcriber(self, joint: str) -> DeepgramTranscriber:
        return FluxTranscriber(self.rate, joint)

    def _query(self, language: str) -> list[tuple[str, str]]:
        """Models of one language are not told it. Raises ProviderRefused for another one."""
        code = vendor_code(Kind.STT, NAME, language) or language
        if MULTILINGUAL in self.model:
            return [*self._thresholds, ("language_hint", code.split("-")[0])]
        if spoken_language(language) != self.model.rpartition("-")[2]:
            raise ProviderRefused(NAME, f"{self.model} does not hear {language}")
        return list(self._thresholds)


@dataclass(slots=True)
class FluxSegment:
    """What is known of one segment. Times are seconds of what was sent on this connection."""

    number: int
    began: float
    settled: list[str] = field(default_factory=list)
    turn: str = ""
    in_turn: bool = False
    until: float = 0.0
    ended: float | None = None


class FluxTranscriber(DeepgramTranscriber):
    """One call's ear; see `Transcriber`. One segment after the other is settled, so all that Flux
    says is of the segment that is being sent."""

    def __init__(self, rate: int, joint: str) -> None:
        super().__init__(rate, joint)
        self._now: FluxSegment | None = None
        self._news = asyncio.Event()

    def pause(self) -> None:
        """What there is goes out; Flux tells by itself what it has understood."""
        self._cut()

    async def _keep_alive(self, socket: ClientWebSocketResponse) -> None:
        """Flux has no message for it: only audio keeps its connection."""
        await self._send_silence(socket, ALIVE_SECONDS)

    async def _send(self, socket: ClientWebSocketResponse, what: bytes | Begin | Finalize) -> None:
        match what:
            case bytes():
                await super()._send(socket, what)
            case Begin(number):
                began = self._sent / self._rate
                self._now = FluxSegment(number, began, until=began)
            case Finalize():
                await self._settle(socket)

    async def _settle(self, socket: ClientWebSocketResponse) -> None:
        """Have Flux finish the segment; what comes later is not waited for."""
        segment = self._now
        if segment is None:
            return
        segment.ended = self._sent / self._rate
        if segment.ended > segment.began:
            await self._send_silence(socket, TAIL_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(FINAL_SECONDS):
                    while segment.until < segment.ended:
                        await self._something_new()
                    if segment.in_turn:
                        await socket.send_str(FORCE_END_TURN)
                    while segment.in_turn:
                        await self._something_new()
        self._now = None
        self._tell(segment, None, segment.ended, final=True)

    async def _something_new(self) -> None:
        self._news.clear()
        await self._news.wait()

    async def _send_silence(self, socket: ClientWebSocketResponse, seconds: float) -> None:
        silence = SILENCE * int(seconds * self._rate)
        self._sent += len(silence)
        await socket.send_bytes(silence)

    def _take(self, message: WSMessage) -> None:
        match told := told_by(message):
            case {
                "type": "TurnInfo",
                "event": str() as event,
                "transcript": str() as text,
                "audio_window_end": float() | int() as until,
            }:
                self._understood_turn(event, text.strip(), float(until), told)
            case {"type": "TurnInfo"}:
                raise ProviderProtocol(NAME, "a turn without a transcript")
            case _:
                pass

    def _understood_turn(
        self, event: str, text: str, until: float, told: Mapping[str, object]
    ) -> None:
        segment = self._now
        if segment is None:
            return
        segment.until = max(segment.until, until)
        segment.in_turn = event != "EndOfTurn" and (segment.in_turn or bool(text))
        segment.turn = text
        if event == "EndOfTurn":
            segment.settled = self._pieces(segment)
            segment.turn = ""
        self._news.set()
        hint = HINTS.get(event) if segment.ended is None else None
        self._tell(segment, _confidence(told), until, hint)

    def _pieces(self, segment: FluxSegment) -> list[str]:
        return [*segment.settled, segment.turn] if segment.turn else segment.settled

    def _tell(
        self,
        segment: FluxSegment,
        confidence: float | None,
        until: float,
        hint: TurnHint | None = None,
        *,
        final: bool = False,
    ) -> None:
        text = self._joint.join(self._pieces(segment))
        end = max(until - segment.began, 0.0)
        self._results.put(Transcript(text, segment.number, end, final, confidence, hint))


def _confidence(told: Mapping[str, object]) -> float | None:
    """That of the word it is least sure of."""
    match told.get("words"):
        case [*words] if words:
            told_of = [word.get("confidence") for word in words if isinstance(word, dict)]
            known = [float(each) for each in told_of if isinstance(each, int | float)]
            return min(known, default=None)
        case _:
            return None
