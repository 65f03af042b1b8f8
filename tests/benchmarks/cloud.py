"""Deepgram, Anthropic and Google's voices on loopback, behind TLS, at the pace of the real ones.

    python -m tests.benchmarks.cloud FOLDER

FOLDER holds `certificate.pem` and `key.pem`. Prints one line of JSON with the three addresses and
serves until standard input ends: a process of its own, so that its CPU is not the gateway's.
"""

import asyncio
import json
import logging
import ssl
import sys
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

import grpc

from gateway.lab.speech import Kind, of_kind
from rtp.g711 import encode_mulaw
from tests.vendors import deepgram, google, sse
from tests.vendors.anthropic import AnthropicWire
from tests.vendors.google import GoogleServer

WORD = "hours?"
"""However many of it are heard, it is a question that is complete."""
TRANSCRIPT_SECONDS = 0.1
"""From a Finalize to what was understood."""
FIRST_TOKEN_SECONDS = 0.4
WORD_SECONDS = 0.025
"""Between two deltas, each a word: 40 words a second."""
FIRST_SOUND_SECONDS = 0.15
CHUNK_BYTES = 800
"""A tenth of a second."""
CHUNK_SECONDS = 0.02
"""Between two chunks: five times as fast as it is heard."""
BYTES_PER_CHARACTER = 520
"""65 ms: 15 characters a second."""
ANSWER = (
    "Desk {n} is open from nine to five today, as on all other days this week.",
    "Shall I book a visit at {n} Station Road?",
)


class Writing(AnthropicWire):
    """Never the same words twice, in no clause: no cache may help."""

    def __init__(self) -> None:
        self._answers = 0

    def pieces(self, text: str) -> Sequence[str]:
        self._answers += 1
        words = text.format(n=self._answers).split(" ")
        return [words[0], *(f" {word}" for word in words[1:])]


class Speaking(GoogleServer):
    """Speech, as long as the text takes to be said."""

    def sound(self, text: str) -> Iterable[bytes]:
        return islice(cycle(SPEECH), len(text) * BYTES_PER_CHARACTER // CHUNK_BYTES + 1)


def _speech() -> list[bytes]:
    """Recorded questions as mu-law, in whole chunks."""
    audio = b"".join(encode_mulaw(each.audio).tobytes() for each in of_kind(Kind.QUESTION))
    whole = len(audio) // CHUNK_BYTES * CHUNK_BYTES
    return [audio[start : start + CHUNK_BYTES] for start in range(0, whole, CHUNK_BYTES)]


SPEECH = _speech()


async def serve(folder: Path) -> None:
    """Serve until standard input ends."""
    # A gateway that throws an answer away, or stops, hangs up: that is no error here.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    pair = (key.read_bytes(), certificate.read_bytes())
    async with (
        deepgram.serving(*[WORD] * 1000, tls=tls) as ear,
        sse.serving(Writing(), " ".join(ANSWER), tls=tls) as model,
        google.serving(Speaking(), tls=grpc.ssl_server_credentials([pair])) as voice,
    ):
        ear.conduct.drip = TRANSCRIPT_SECONDS
        model.conduct.delay, model.conduct.drip = FIRST_TOKEN_SECONDS, WORD_SECONDS
        voice.conduct.delay, voice.conduct.drip = FIRST_SOUND_SECONDS, CHUNK_SECONDS
        addresses = {"deepgram": ear.address, "anthropic": model.address, "google": voice.address}
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
