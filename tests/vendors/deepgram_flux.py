"""Deepgram's Flux as it streams (developers.deepgram.com, Flux: the state machine).

A turn begins with its first word. It is likely over after QUIET of silence, if the client asked
to be told, and over after twice as much.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

from tests.vendors.websocket import SocketServer, running
from tests.vendors.words import MULAW_SILENCE, WordsInSound

UPDATE_SECONDS = 0.25
QUIET = 0.3


class FluxServer(SocketServer):
    """A running one that hears its words, over and over."""

    words: tuple[str, ...] = ()
    heard_seconds: float = 0.0
    forced: int = 0

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if (refused := await self.refused(request)) is not None:
            return refused
        async with self.accepted(request) as socket, self.busy():
            await socket.send_json({"type": "Connected", "request_id": "r", "sequence_id": 0})
            stream = Stream(self, request, socket)
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    await stream.hear(message.data)
                else:
                    assert message.json() == {"type": "ForceEndTurn"}
                    await stream.force()
        return socket


class Stream:
    """One connection."""

    def __init__(
        self, server: FluxServer, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._server = server
        self._request = request
        self._socket = socket
        self._rate = int(request.query["sample_rate"])
        self._eager = "eager_eot_threshold" in request.query
        self._hearing = WordsInSound(server.words, self._rate, 1)
        self._turn = 0
        self._said_before = 0
        self._told_at = 0.0
        self._quiet = 0.0
        self._likely_over = False
        self._sent = 0

    async def hear(self, audio: bytes) -> None:
        self._server.heard_seconds += len(audio) / self._rate
        before = len(self._hearing.heard)
        self._hearing.hear(audio)
        quiet = audio.count(MULAW_SILENCE) == len(audio)
        self._quiet = self._quiet + len(audio) / self._rate if quiet else 0.0
        for count in range(before + 1, len(self._hearing.heard) + 1):
            first = count == self._said_before + 1
            await self._tell("StartOfTurn" if first else "Update", count)
        await self._judge(quiet=quiet)
        if self._hearing.seconds - self._told_at >= UPDATE_SECONDS:
            await self._tell("Update")

    async def force(self) -> None:
        self._server.forced += 1
        if self._in_turn:
            await self._end("manual")

    async def _judge(self, *, quiet: bool) -> None:
        if self._likely_over and not quiet:
            self._likely_over = False
            await self._tell("TurnResumed")
        if self._in_turn and self._eager and self._quiet >= QUIET and not self._likely_over:
            self._likely_over = True
            await self._tell("EagerEndOfTurn")
        if self._in_turn and self._quiet >= 2 * QUIET:
            await self._end("model")

    @property
    def _in_turn(self) -> bool:
        return len(self._hearing.heard) > self._said_before

    async def _end(self, trigger: str) -> None:
        await self._tell("EndOfTurn", trigger=trigger)
        self._said_before = len(self._hearing.heard)
        self._turn += 1
        self._likely_over = False

    async def _tell(self, event: str, count: int | None = None, trigger: str | None = None) -> None:
        conduct = self._server.conduct
        await asyncio.sleep(conduct.drip)
        if conduct.cuts(self._sent):
            self._server.cut(self._request)
            return
        self._sent += 1
        self._told_at = self._hearing.seconds
        words = self._hearing.heard[self._said_before : count]
        told = {
            "type": "TurnInfo",
            "request_id": "r",
            "sequence_id": self._sent,
            "event": event,
            "turn_index": self._turn,
            "audio_window_start": 0.0,
            "audio_window_end": self._hearing.seconds,
            "transcript": " ".join(words),
            "words": [{"word": word, "confidence": 0.9} for word in words],
            "end_of_turn_confidence": 0.5,
            **({"trigger": trigger} if trigger else {}),
        }
        if conduct.instead is not None:
            await self._socket.send_str(conduct.instead)
        else:
            await self._socket.send_json(told)


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[FluxServer]:
    """A server on a port of its own that hears `words`."""
    server = FluxServer("authorization")
    server.words = words
    async with running(server, **{"GET /v2/listen": server.listen}):
        yield server
