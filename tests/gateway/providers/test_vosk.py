"""Vosk: the real engine, with a model of two words that is made here."""

from pathlib import Path

import numpy as np
import pytest

from gateway.errors import ProviderRefused
from gateway.providers.base import Samples, Transcriber, Transcript
from gateway.providers.vosk import RATE, Vosk
from tests.vendors import vosk_model

PAUSE = np.zeros(RATE // 5, np.float32)
TONES = {"low": 300, "high": 3000}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vosk_model.make(tmp_path_factory.mktemp("vosk"))


def sound(words: str, pause: Samples = PAUSE) -> Samples:
    """`words` as the model knows them, each with a pause before and behind it."""
    time = np.arange(RATE * 2 // 5) / RATE
    tones = [0.3 * np.sin(2 * np.pi * TONES[word] * time) for word in words.split()]
    parts = [pause, *(part for tone in tones for part in (tone, pause))]
    return np.concatenate(parts).astype(np.float32)


async def final(ear: Transcriber) -> str:
    """The text that will not change any more."""
    async for transcript in ear.transcripts():
        if transcript.final:
            return transcript.text
    raise AssertionError("the ear ended")


async def listen(stt: Vosk, *said: Samples) -> list[Transcript]:
    """What is heard of one segment, with a pause of the caller's behind each of `said`."""
    heard: list[Transcript] = []
    async with stt.open(language="en-US") as ear:
        ear.begin()
        for samples in said:
            for start in range(0, len(samples), RATE // 50):
                ear.feed(samples[start : start + RATE // 50])
            ear.pause()
        ear.end()
        async for transcript in ear.transcripts():
            heard.append(transcript)
            if transcript.final:
                break
    await stt.close()
    return heard


async def test_words_come_while_they_are_spoken(model: Path) -> None:
    heard = await listen(Vosk(model=model, workers=1), sound("high low"))
    texts = [each.text for each in heard if each.text]
    assert texts[0] == "high"
    assert texts[-1] == "high low"
    assert heard[-1].audio_end == pytest.approx(len(sound("high low")) / RATE)


async def test_what_was_settled_at_a_pause_stays(model: Path) -> None:
    heard = await listen(Vosk(model=model, workers=2), *map(sound, ("low", "high", "low low")))
    assert heard[-1].text == "low high low low"


async def test_what_vosk_settles_by_itself_stays(model: Path) -> None:
    """It does after half a second of silence, also where the caller's turn goes on."""
    thinking = np.zeros(RATE * 6 // 5, np.float32)
    heard = await listen(Vosk(model=model, workers=1), sound("low high low", thinking))
    assert heard[-1].text == "low high low"


async def test_silence_has_no_words(model: Path) -> None:
    heard = await listen(Vosk(model=model, workers=1), sound(""))
    assert {each.text for each in heard} == {""}


async def test_calls_share_the_model_and_not_what_they_hear(model: Path) -> None:
    stt = Vosk(model=model, workers=2)
    async with stt.open(language="en-US") as one, stt.open(language="en-US") as other:
        for ear, words in ((one, "low high"), (other, "high")):
            ear.begin()
            ear.feed(sound(words))
            ear.end()
        heard = [await final(ear) for ear in (one, other)]
    await stt.close()
    assert heard == ["low high", "high"]


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    stt = Vosk(model=tmp_path / "none", workers=1)
    with pytest.raises(ProviderRefused, match="there is no folder"):
        await stt.warm()
    await stt.close()


async def test_a_folder_without_a_model(tmp_path: Path) -> None:
    stt = Vosk(model=tmp_path, workers=1)
    with pytest.raises(ProviderRefused, match="cannot be loaded"):
        await stt.warm()
    await stt.close()
