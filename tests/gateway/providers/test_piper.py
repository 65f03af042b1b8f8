"""Piper: the real engine in its own process, with a voice that is made here."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.providers import piper
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.piper import Piper
from tests.vendors import piper_voice

ENGLISH = Voice("en-US")


@asynccontextmanager
async def speaking(folder: Path, processes: int = 1) -> AsyncIterator[Piper]:
    voice = Piper(voice=piper_voice.make(folder), processes=processes)
    try:
        yield voice
    finally:
        await voice.close()


async def say(voice: Piper, text: str, how: Voice = ENGLISH) -> list[SpeechChunk]:
    return [chunk async for chunk in voice.synthesize(text, how)]


def chunks(voice: Piper, text: str) -> AsyncGenerator[SpeechChunk, None]:
    made = voice.synthesize(text, ENGLISH)
    assert isinstance(made, AsyncGenerator)
    return made


def program(folder: Path, does: str) -> str:
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o700)
    return str(file)


async def test_sentences_come_one_by_one_as_the_voice_makes_them(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        await voice.warm()
        heard = await say(voice, "Hello.\nGood morning, Anna!")
        assert await say(voice, " ") == []
    assert len(heard) == 2
    assert {chunk.format for chunk in heard} == {AudioFormat(Encoding.PCM_S16, piper_voice.RATE)}
    sizes = [len(chunk.audio) for chunk in heard]
    assert all(size % (2 * piper_voice.SAMPLES) == 0 for size in sizes)
    assert 0 < sizes[0] < sizes[1]


async def test_what_was_cancelled_is_not_heard_later(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        (alone,) = await say(voice, "Yes.")
        async with aclosing(chunks(voice, "One sentence. Another one. A third.")) as made:
            await anext(made)
        assert await say(voice, "Yes.") == [alone]


async def test_calls_wait_for_each_other(tmp_path: Path) -> None:
    async with speaking(tmp_path, processes=2) as voice:
        heard = await asyncio.gather(*(say(voice, "Yes.") for _ in range(6)))
    assert all(each == heard[0] for each in heard)


async def test_another_voice_of_the_folder(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        piper_voice.make(tmp_path, "en_GB-alba-medium")
        assert await say(voice, "Hello.", Voice("en-GB", "en_GB-alba-medium"))
        with pytest.raises(ProviderRefused, match=r"there is no voice .*nobody\.onnx"):
            await say(voice, "Hello.", Voice("en-GB", "nobody"))


async def test_a_voice_that_is_not_there(tmp_path: Path) -> None:
    voice = Piper(voice=tmp_path / "joe.onnx", processes=1)
    with pytest.raises(ProviderRefused, match=r"there is no voice .*joe\.onnx"):
        await voice.warm()


async def test_a_file_that_is_no_voice(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        piper_voice.make(tmp_path, "broken").write_bytes(b"private words")
        with pytest.raises(ProviderUnavailable) as caught:
            await say(voice, "Hello.", Voice("en-US", "broken"))
        assert "private words" not in str(caught.value)
        assert await say(voice, "Hello.")


async def test_a_process_that_ends_is_another_one_next_time(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "executable", program(tmp_path, "exit 3"))
            with pytest.raises(ProviderUnavailable):
                await say(voice, "Hello.")
        assert await say(voice, "Hello.")


async def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    async with speaking(tmp_path) as voice:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "executable", program(tmp_path, "exec sleep 600"))
            patch.setattr(piper, "SENTENCE_SECONDS", 0.1)
            with pytest.raises(ProviderTimeout):
                await say(voice, "Hello.")
        assert await say(voice, "Hello.")


async def test_without_the_package_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        Piper(voice=tmp_path, processes=1)
    assert caught.value.name == "piper"
