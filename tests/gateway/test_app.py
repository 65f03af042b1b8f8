"""What the composition root makes of the settings."""

import pytest
from pydantic import SecretStr

from gateway.app import end_sense, speech_library
from gateway.config import Ari, EndOfTurn, Settings, SpeechToText, TextToSpeech
from gateway.providers.smart_turn import SmartTurn
from gateway.store.memory import MemoryStore

ARI = Ari(password=SecretStr("secret"))


def test_the_speech_cache_is_as_large_and_old_as_is_set() -> None:
    store = MemoryStore(lambda: 0.0)
    settings = Settings(ari=ARI, tts=TextToSpeech(cache_megabytes=2, cache_days=0.5))
    library = speech_library(settings, store)
    assert (library.most_bytes, library.kept_seconds) == (2 * 1024 * 1024, 43200.0)
    assert library.store is store


def test_without_the_cache_nothing_is_kept() -> None:
    settings = Settings(ari=ARI, tts=TextToSpeech(cache_enabled=False))
    library = speech_library(settings, MemoryStore(lambda: 0.0))
    assert (library.most_bytes, library.store) == (0, None)


@pytest.mark.parametrize(
    ("chosen", "made"), [(EndOfTurn.TEXT, None), (EndOfTurn.SMART_TURN, SmartTurn)]
)
async def test_the_sound_of_a_voice_has_a_vote_where_that_is_set(
    chosen: EndOfTurn, made: type[SmartTurn] | None
) -> None:
    sense = end_sense(Settings(ari=ARI, stt=SpeechToText(end_of_turn=chosen)))
    assert (None if sense is None else type(sense)) is made
    if sense is not None:
        await sense.close()
