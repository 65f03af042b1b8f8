"""Whisper: the real engine with a model that is made here, in the ear that reads by segments."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers.base import Samples, Transcript
from gateway.providers.local_ear import RATE, LocalEar, Read
from gateway.providers.whisper import whisper
from tests.vendors import whisper_model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whisper_model.make(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.uploads.ANSWER_SECONDS", 100.0)


async def listen(ear: LocalEar, samples: Samples, keyterms: Sequence[str] = ()) -> Transcript:
    async with ear.open(language="en-GB", keyterms=keyterms) as transcriber:
        transcriber.begin()
        transcriber.feed(samples)
        transcriber.pause()
        transcriber.end()
        async for transcript in transcriber.transcripts():
            if transcript.final:
                return transcript
    raise AssertionError("nothing final")


def noise(seconds: float) -> Samples:
    samples = np.random.default_rng(7).normal(0.0, 0.1, int(seconds * RATE))
    return samples.astype(np.float32)


async def test_the_real_engine_reads_a_segment(model: Path) -> None:
    ear = whisper(model=model, workers=1)
    await ear.warm()
    heard = await listen(ear, noise(1.5), ("Hibari", "Grüß", "您好"))
    await ear.close()
    assert (heard.text, heard.audio_end) == ("hello world", 1.5)


async def test_silence_is_not_read(model: Path) -> None:
    ear = whisper(model=model, workers=1)
    assert (await listen(ear, np.zeros(RATE, np.float32))).text == ""
    await ear.close()


async def test_a_model_for_english_refuses_another_language(model: Path) -> None:
    ear = whisper(model=model, workers=1)
    async with ear.open(language="de-DE") as transcriber:
        transcriber.begin()
        transcriber.feed(noise(0.5))
        transcriber.end()
        with pytest.raises(ProviderRefused, match="understands English only"):
            async for _ in transcriber.transcripts():
                pass
    await ear.close()


async def test_a_language_that_whisper_does_not_know(model: Path) -> None:
    ear = whisper(model=model, workers=1)
    with pytest.raises(ProviderRefused, match="whisper: does not understand tlh"):
        async with ear.open(language="tlh"):
            pass
    await ear.close()


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
async def test_what_is_missing_is_named(name: str, tmp_path: Path) -> None:
    for each in {"model.bin", "tokenizer.json"} - {name}:
        (tmp_path / each).touch()
    ear = whisper(model=tmp_path, workers=1)
    with pytest.raises(ProviderRefused, match=rf"there is no {name} in"):
        await ear.warm()
    await ear.close()


async def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    for name in ("model.bin", "tokenizer.json", "config.json"):
        (tmp_path / name).write_text("private words")
    ear = whisper(model=tmp_path, workers=1)
    with pytest.raises(ProviderRefused, match="cannot be loaded") as caught:
        await ear.warm()
    await ear.close()
    assert "private words" not in str(caught.value)


async def test_an_engine_that_fails_is_an_ear_that_is_lost() -> None:
    def read(_samples: Samples, _code: str, _keyterms: Sequence[str]) -> str:
        raise RuntimeError("private words")

    ear = LocalEar("whisper", lambda: read, workers=1)
    with pytest.raises(ProviderUnavailable, match="RuntimeError") as caught:
        await listen(ear, noise(0.5))
    await ear.close()
    assert "private words" not in str(caught.value)


async def test_the_loop_goes_on_while_a_model_reads_and_loads_once() -> None:
    loads: list[str] = []
    goes_on = threading.Event()

    def read(samples: Samples, code: str, _keyterms: Sequence[str]) -> str:
        assert goes_on.wait(60.0)
        return f"{code} {len(samples) / RATE:.1f}"

    def load() -> Read:
        loads.append("model")
        return read

    ear = LocalEar("whisper", load, workers=4)
    async with asyncio.TaskGroup() as tasks:
        listening = [tasks.create_task(listen(ear, noise(0.5))) for _ in range(4)]
        await asyncio.sleep(0)
        goes_on.set()
    await ear.close()
    assert {each.result().text for each in listening} == {"en 0.5"}
    assert loads == ["model"]
