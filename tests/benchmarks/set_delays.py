"""Vendors that take exactly as long as they are told: an ear, a model and a voice on loopback.

    python -m tests.benchmarks.set_delays FOLDER

Deepgram's, Anthropic's and Google's wire formats behind TLS, for which FOLDER holds
`certificate.pem` and `key.pem`. Prints one line of JSON with the three addresses and serves until
standard input ends: a process of its own, as vendors are elsewhere.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, cycle
from pathlib import Path

import grpc
from aiohttp import WSMsgType, web

from gateway.lab.hearing import FRAME_SAMPLES, VOICE_LEVEL, level
from gateway.lab.ports import LOOPBACK
from tests.benchmarks.scripted_model import scripted_model
from tests.vendors import google
from tests.vendors.sound import spoken

RATE = 8000
TEXT_SECONDS = 1.0
"""From the caller's last sound to the text of it: longer than the turn machine waits for more."""
MODEL_SECONDS = 0.2
"""From a request to the answer, a sentence that comes as good as at once."""
TOKENS_AT_ONCE = 1e5
VOICE_SECONDS = 0.1
"""From a text to the first sound of it."""
CHUNK_SECONDS = 0.05
"""Between two pieces, of which the first waits as well: twice as fast as they are heard."""
CHUNK_BYTES = 800
WORDS = "When do you open?"


def answers() -> Iterator[str]:
    """Never the same words twice: no cache may help."""
    return (f"Desk {number} is open." for number in count(1))


class Voice(google.GoogleServer):
    """Every character sounds for 80 ms, by a byte of its own; a tenth of a second comes at once."""

    def sound(self, text: str) -> Iterator[bytes]:
        audio = b"".join(spoken(text))
        return (audio[at : at + CHUNK_BYTES] for at in range(0, len(audio), CHUNK_BYTES))


class Ear:
    """One call's recogniser. It knows the end of speech by the level of the audio, as exactly as
    its samples do, and settles everything `seconds` after it: the next of `texts` was said."""

    def __init__(self, socket: web.WebSocketResponse, seconds: float, texts: Iterable[str]) -> None:
        self._socket = socket
        self._seconds = seconds
        self._texts = cycle(texts)
        self._loop = asyncio.get_running_loop()
        self._heard = self._settled = 0
        self._finalizes = 0
        self._due: asyncio.TimerHandle | None = None
        self._tasks = asyncio.TaskGroup()

    async def run(self) -> None:
        async with self._tasks:
            async for message in self._socket:
                if message.type is WSMsgType.BINARY:
                    self._hear(message.data)
                elif message.type is WSMsgType.TEXT:
                    self._obey(json.loads(message.data)["type"])
            if self._due is not None:
                self._due.cancel()

    def _hear(self, audio: bytes) -> None:
        self._heard += len(audio)
        if (quiet := quiet_behind(audio)) is None:
            return
        ended = self._loop.time() - quiet
        if self._due is not None:
            self._due.cancel()
        self._due = self._loop.call_at(ended + self._seconds, self._understand)

    def _obey(self, what: str) -> None:
        if what == "Finalize":
            self._finalizes += 1
            if self._due is None:
                self._settle("")

    def _understand(self) -> None:
        self._settle(next(self._texts))

    def _settle(self, text: str) -> None:
        """All that was heard so far is this."""
        self._due = None
        results = {
            "type": "Results",
            "start": self._settled / RATE,
            "duration": (self._heard - self._settled) / RATE,
            "is_final": True,
            "speech_final": True,
            "from_finalize": self._finalizes > 0,
            "channel": {"alternatives": [{"transcript": text, "confidence": 0.9, "words": []}]},
        }
        self._settled = self._heard
        self._finalizes = 0
        self._tasks.create_task(self._socket.send_str(json.dumps(results)))


def quiet_behind(audio: bytes) -> float | None:
    """Seconds of `audio`, mu-law, behind its last loud frame; None if no frame is loud."""
    starts = range(0, len(audio), FRAME_SAMPLES)
    loud = [at for at in starts if level(audio[at : at + FRAME_SAMPLES]) >= VOICE_LEVEL]
    return max(0, len(audio) - loud[-1] - FRAME_SAMPLES) / RATE if loud else None


@asynccontextmanager
async def scripted_ear(
    texts: Sequence[str], seconds: float, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The address of a recogniser to which every call says `texts`, over and over; each of them
    has come `seconds` after its last sound."""

    async def listen(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await Ear(socket, seconds, texts).run()
        return socket

    application = web.Application()
    application.router.add_get("/v1/listen", listen)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        yield "{}://{}:{}".format(scheme, *runner.addresses[0])
    finally:
        await runner.cleanup()


async def serve(folder: Path) -> None:
    """Serve until standard input ends."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    async with (
        scripted_ear([WORDS], TEXT_SECONDS, tls) as ear,
        scripted_model(answers(), first=MODEL_SECONDS, rate=TOKENS_AT_ONCE, tls=tls) as model,
        google.serving(Voice(), tls=credentials) as voice,
    ):
        voice.conduct.delay = VOICE_SECONDS - CHUNK_SECONDS
        voice.conduct.drip = CHUNK_SECONDS
        addresses = {"deepgram": ear, "anthropic": model.address, "google": voice.address}
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
