"""How long each provider of the cloud takes to its first result when its vendor takes no time.

Every one of the conformance suite talks to its vendor's local server, over a real socket that is
connected already, one request after the other: what is left is the provider's own share. The
table goes into docs/providers.md. Run with `python -m tests.benchmarks.first_bytes`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from rich.console import Console

from gateway.providers.base import (
    LanguageModel,
    Message,
    ModelRequest,
    Role,
    SpeechToText,
    TextToSpeech,
    Voice,
)
from tests.gateway.providers.vendor_ears import EARS
from tests.gateway.providers.vendor_models import MODELS
from tests.gateway.providers.vendor_voices import VOICES

REQUESTS = 50
RATE = 8_000
SPOKEN_SECONDS = 1.5
FRAME = RATE // 50
Item = TypeVar("Item")


async def first_of(answer: AsyncIterator[Item]) -> float:
    """Seconds to the first item of an answer that is read to its end."""
    began, first = time.perf_counter(), 0.0
    async for _ in answer:
        first = first or time.perf_counter() - began
    return first


async def of_model(model: LanguageModel) -> list[float]:
    said = (Message(Role.USER, "When are you open?"),)
    request = ModelRequest("clinic", "Be brief.", "en-US", said, ())
    await model.warm()
    return [await first_of(model.respond(request)) for _ in range(REQUESTS)]


async def of_voice(voice: TextToSpeech) -> list[float]:
    await voice.warm()
    english = Voice("en-US")
    text = "We are open from eight to six."
    return [await first_of(voice.synthesize(text, english)) for _ in range(REQUESTS)]


async def of_ear(ear: SpeechToText) -> list[float]:
    """From the end of speech to its final text; the audio was sent before, as in a call."""
    await ear.warm()
    seconds: list[float] = []
    tone = 0.4 * np.sin(2 * np.pi * 300 * np.arange(int(SPOKEN_SECONDS * RATE)) / RATE + 0.3)
    async with ear.open(language="en-US") as transcriber:
        transcripts = transcriber.transcripts()
        for _ in range(REQUESTS):
            segment = transcriber.begin()
            for start in range(0, len(tone), FRAME):
                transcriber.feed(tone[start : start + FRAME].astype(np.float32))
            await asyncio.sleep(0.05)
            began = time.perf_counter()
            transcriber.pause()
            transcriber.end()
            async for transcript in transcripts:
                if transcript.final and transcript.segment == segment:
                    break
            seconds.append(time.perf_counter() - began)
    return seconds


async def measured() -> Mapping[str, Sequence[float]]:
    """Seconds to each first result, by kind and name."""
    found: dict[str, Sequence[float]] = {}
    for name, ear in EARS.items():
        async with ear.serving("yes") as server:
            stt = ear.make(server.address, RATE)
            found[f"stt {name}"] = await of_ear(stt)
            await stt.close()
    for name, model in MODELS.items():
        async with model.answering("Hello.") as (llm, _):
            found[f"llm {name}"] = await of_model(llm)
    for name, voice in VOICES.items():
        async with voice.serving() as speaker:
            tts = voice.make(speaker.address)
            found[f"tts {name}"] = await of_voice(tts)
            await tts.close()
    return found


def main() -> None:
    console = Console(width=100)
    console.print(f"{'':24} {'p50 ms':>8} {'p95 ms':>8}   of {REQUESTS} requests")
    for name, seconds in asyncio.run(measured()).items():
        p50, p95 = 1000 * np.percentile(seconds, [50, 95])
        console.print(f"{name:24} {p50:8.1f} {p95:8.1f}", highlight=False)


if __name__ == "__main__":
    main()
