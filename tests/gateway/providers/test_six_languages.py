"""Six languages, each with its default pair: Deepgram hears it, Google speaks it, both told so.

What is asked is what a call asks, through the seam, the registry's failover and the real clients.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.conversation.speech import SpeechMaker
from gateway.kinds import Kind
from gateway.phrasebook import shipped
from gateway.providers.base import SpeechToText, TextToSpeech, Transcript, Voice
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.ears import SteadyEar
from gateway.providers.resilience.health import Deadlines, Health
from gateway.providers.resilience.voices import SteadyVoice
from gateway.providers.streams import closing
from rtp.codec import Codec
from tests.gateway.providers.test_conformance_stt import feed, sound
from tests.gateway.providers.vendor_ears import EARS
from tests.gateway.providers.vendor_voices import VOICES
from tests.vendors import alibaba, deepgram, google

RATE = 8_000
PATIENT = Deadlines(connect=30.0, first=30.0, idle=30.0, total=60.0)


def health(kind: Kind, name: str, board: Board) -> Health:
    return Health(kind, name, PATIENT, board.clock, embedded=False)


def ear_of(*named: tuple[str, SpeechToText]) -> SteadyEar:
    board = Board()
    return SteadyEar(
        [
            Candidate(index, provider, health(Kind.STT, name, board))
            for index, (name, provider) in enumerate(named)
        ],
        board,
    )


def voice_of(*named: tuple[str, TextToSpeech]) -> SteadyVoice:
    board = Board()
    return SteadyVoice(
        [
            Candidate(index, provider, health(Kind.TTS, name, board))
            for index, (name, provider) in enumerate(named)
        ],
        board,
    )


async def heard(ear: SteadyEar, language: str) -> Sequence[str]:
    """What is understood of half a second of speech."""
    async with asyncio.timeout(30), ear.open(language=language) as transcriber:
        transcriber.begin()
        feed(transcriber, sound(0.45, RATE), RATE)
        transcriber.pause()
        async with closing(transcriber.transcripts()) as transcripts:
            return next(iter([t.text.split() async for t in until_words(transcripts)]))


async def until_words(transcripts: AsyncIterator[Transcript]) -> AsyncIterator[Transcript]:
    async for transcript in transcripts:
        if transcript.text:
            yield transcript
            return


@pytest.mark.parametrize(
    ("language", "to_deepgram", "to_google", "words"),
    [
        ("en-US", "en-US", "en-US", ("hello", "there")),
        ("es-ES", "es", "es-ES", ("buenos", "días")),
        ("fr-FR", "fr", "fr-FR", ("bonjour", "madame")),
        ("de-DE", "de", "de-DE", ("guten", "Tag")),
        ("pt-BR", "pt-BR", "pt-BR", ("bom", "dia")),
        ("zh-CN", "zh-CN", "cmn-CN", ("你好", "您好")),
    ],
)
async def test_the_default_pair_is_asked_in_the_language(
    language: str, to_deepgram: str, to_google: str, words: tuple[str, ...]
) -> None:
    greeting = str(shipped(language)["greeting"])
    async with deepgram.serving(*words) as ears, google.serving() as voices:
        stt = EARS["deepgram"].make(ears.address, RATE)
        tts = VOICES["google"].make(voices.address)
        said = await heard(ear_of(("deepgram", stt)), language)
        maker = SpeechMaker(voice_of(("google", tts)), Voice(language), Codec.PCMU)
        clips = [clip async for clip in maker.speak(greeting)]
        await stt.close()
        await tts.close()
    assert "".join(words).startswith("".join(said))
    assert dict(ears.queries[0])["language"] == to_deepgram
    assert voices.configs[0].voice.language_code == to_google
    assert voices.configs[0].voice.name.startswith(f"{to_google}-Chirp3-HD-")
    assert voices.texts == [greeting]
    assert sum(len(clip) for clip in clips) > 0


async def test_chinese_has_a_second_ear_of_its_own() -> None:
    async with alibaba.serving("你好") as server:
        stt = EARS["alibaba"].make(server.address, RATE)
        said = await heard(ear_of(("alibaba", stt)), "zh-CN")
        await stt.close()
    assert "".join(said) != ""
    assert '"language_hints": ["zh"]' in json.dumps(server.told)


async def test_an_ear_that_does_not_know_the_language_is_asked_last() -> None:
    async with deepgram.serving("here") as ears, alibaba.serving("there") as others:
        english = EARS["alibaba"].make(others.address, RATE)
        both = EARS["deepgram"].make(ears.address, RATE)
        said = await heard(ear_of(("moonshine", english), ("deepgram", both)), "es-ES")
        await english.close()
        await both.close()
    assert set(said) == {"here"}
    assert others.told == []
