"""Vosk: the real engine refuses what is no model; its recogniser's part is played by another."""

import json
from pathlib import Path

import numpy as np
import pytest
import vosk

from gateway.errors import ProviderRefused
from gateway.providers.base import Transcript
from gateway.providers.vosk import Vosk
from tests.vendors.words import WordsInSound

WORDS = ("good", "morning", "anna")


class Model:
    """Stands where a model of 40 MB would be."""

    def __init__(self, model_path: str) -> None:
        assert Path(model_path).is_dir()


class Recognizer:
    """Says what Vosk's own would, in its JSON; settles at every third word, as at a pause."""

    def __init__(self, model: Model, rate: int) -> None:
        assert isinstance(model, Model)
        self._hearing = WordsInSound(WORDS, rate, 2)
        self._settled = 0

    def AcceptWaveform(self, audio: bytes) -> bool:
        self._hearing.hear(audio)
        return len(self._new) >= 3

    def PartialResult(self) -> str:
        return json.dumps({"partial": " ".join(self._new)})

    def Result(self) -> str:
        text, self._settled = " ".join(self._new), len(self._hearing.heard)
        return json.dumps({"text": text})

    FinalResult = Result

    @property
    def _new(self) -> list[str]:
        return self._hearing.heard[self._settled :]


def test_the_stand_in_has_the_names_of_the_genuine_one() -> None:
    names = {name for name in vars(Recognizer) if name[0].isupper()}
    assert names <= set(vars(vosk.KaldiRecognizer))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vosk, "Model", Model)
    monkeypatch.setattr(vosk, "KaldiRecognizer", Recognizer)
    return tmp_path


async def listen(stt: Vosk, *seconds: float) -> list[Transcript]:
    """What is heard of one segment with pauses in it."""
    heard: list[Transcript] = []
    async with stt.open(language="en-US") as ear:
        ear.begin()
        for each in seconds:
            for _ in range(round(each * 50)):
                ear.feed(np.full(stt.rate // 50, 0.5, np.float32))
            ear.pause()
        ear.end()
        async for transcript in ear.transcripts():
            heard.append(transcript)
            if transcript.final:
                break
    await stt.close()
    return heard


async def test_words_come_while_they_are_spoken(model: Path) -> None:
    heard = await listen(Vosk(model=model, workers=1), 0.5)
    assert [each.text for each in heard if each.text][:1] == ["good"]
    assert heard[-1].text == "good morning"
    assert heard[-1].audio_end == pytest.approx(0.5)


async def test_what_vosk_settled_on_its_own_stays(model: Path) -> None:
    heard = await listen(Vosk(model=model, workers=2), 1.1, 0.3)
    assert heard[-1].text == "good morning anna good morning good"


async def test_silence_has_no_words(model: Path) -> None:
    stt = Vosk(model=model, workers=1)
    async with stt.open(language="en-US") as ear:
        ear.begin()
        ear.feed(np.zeros(stt.rate, np.float32))
        ear.end()
        texts = set()
        async for transcript in ear.transcripts():
            texts.add(transcript.text)
            if transcript.final:
                break
    await stt.close()
    assert texts == {""}


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
