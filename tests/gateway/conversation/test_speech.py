"""Text to wire-ready audio: streamed once, found again, shared by all who want it at once."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from gateway.conversation.clip import Clip, joined
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.errors import ProviderError, ProviderUnavailable
from gateway.kinds import Kind
from gateway.providers.base import Voice
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.voices import SteadyVoice
from gateway.store.memory import MemoryStore
from rtp.codec import Codec
from tests.fakes.providers import WORD_SECONDS, ScriptedVoice, candidates
from tests.fakes.speech import Speaker

pytestmark = pytest.mark.virtual_time

VOICE = Voice("en-US")


def maker(
    speaker: Speaker, library: SpeechLibrary | None = None, codec: Codec = Codec.PCMU
) -> SpeechMaker:
    return SpeechMaker(speaker, VOICE, codec, library or SpeechLibrary())


async def spoken(speech: SpeechMaker, text: str) -> Clip:
    return joined([clip async for clip in speech.speak(text)])


async def test_the_first_audio_leaves_before_the_last_is_made() -> None:
    speech = maker(Speaker(chunk_delay=1.0, first_delay=0.1))
    loop = asyncio.get_running_loop()
    times = [loop.time() async for _ in speech.speak("one two three four five six seven eight")]
    assert times[0] < 0.2
    assert times[-1] > 3.0


async def test_what_was_said_once_is_ready_afterwards() -> None:
    speaker = Speaker()
    speech = maker(speaker)
    assert speech.ready("Hello there.") is None
    first = await spoken(speech, "Hello there.")
    ready = speech.ready("Hello there.")
    assert ready is not None
    assert np.array_equal(ready.frames, first.frames)
    await spoken(speech, "Hello there.")
    assert speaker.spoken == ["Hello there."]


@pytest.mark.parametrize("codec", list(Codec))
async def test_every_codec_of_a_leg_gets_its_own_frames(codec: Codec) -> None:
    clip = await spoken(maker(Speaker(), codec=codec), "Hello there.")
    assert clip.frames.shape[1] == codec.send_codec.frame_bytes
    assert len(clip) == pytest.approx(40, abs=5)


async def test_the_same_words_of_another_voice_are_another_clip() -> None:
    library = SpeechLibrary()
    await spoken(maker(Speaker(), library), "Hello.")
    assert maker(Speaker(settings_key="2"), library).ready("Hello.") is None
    assert maker(Speaker(), library, Codec.PCMA).ready("Hello.") is None
    assert maker(Speaker(), library).ready("Hello.") is not None


async def test_many_calls_that_want_the_same_words_have_them_made_once() -> None:
    speaker, library = Speaker(first_delay=0.5), SpeechLibrary()
    clips = await asyncio.gather(*(spoken(maker(speaker, library), "Hello.") for _ in range(20)))
    assert speaker.spoken == ["Hello."]
    assert all(np.array_equal(clip.frames, clips[0].frames) for clip in clips)
    assert library.counts.joined_flights == 19


async def test_when_the_call_that_makes_a_clip_ends_another_makes_it() -> None:
    speaker, library = Speaker(first_delay=0.5), SpeechLibrary()
    first = asyncio.ensure_future(spoken(maker(speaker, library), "Hello."))
    await asyncio.sleep(0.1)
    second = asyncio.ensure_future(spoken(maker(speaker, library), "Hello."))
    await asyncio.sleep(0.1)
    first.cancel()
    assert len(await second) > 0
    assert speaker.spoken == ["Hello.", "Hello."]


async def test_a_broken_voice_leaves_nothing_half_made() -> None:
    speaker, library = Speaker(fails_on="Hello"), SpeechLibrary()
    with pytest.raises(ProviderError):
        await spoken(maker(speaker, library), "Hello.")
    speaker.fails_on = None
    assert len(await spoken(maker(speaker, library), "Hello.")) > 0


async def test_prepared_phrases_survive_a_restart_in_the_store() -> None:
    store = MemoryStore(lambda: 0.0)
    await maker(Speaker(), SpeechLibrary(store)).prepare(("Hello.", "", "Goodbye."))
    speaker = Speaker()
    library = SpeechLibrary(store)
    await maker(speaker, library).prepare(("Hello.", "Goodbye."))
    assert speaker.spoken == []
    assert library.counts.store_hits == 2


async def test_what_a_caller_is_told_goes_to_no_store() -> None:
    store = MemoryStore(lambda: 0.0)
    await spoken(maker(Speaker(), SpeechLibrary(store)), "Your number is four.")
    assert "0 entries" in repr(store)


@dataclass
class Garbage:
    """A store that answers nonsense."""

    failures: int = 0
    kept: list[str] = field(default_factory=list)

    async def get(self, key: str, /) -> bytes | None:
        return b"nonsense"

    async def put(self, key: str, value: bytes, /, *, seconds: float) -> None:
        self.kept.append(key)

    async def delete(self, key: str, /) -> None: ...


async def test_nonsense_in_the_store_is_a_miss() -> None:
    speaker = Speaker()
    assert len(await spoken(maker(speaker, SpeechLibrary(Garbage())), "Hello.")) > 0
    assert speaker.spoken == ["Hello."]


async def test_memory_is_bounded_and_forgets_what_was_not_used() -> None:
    library = SpeechLibrary(most_bytes=30_000)
    speech = maker(Speaker(), library)
    for index in range(20):
        await spoken(speech, "Hello.")
        await spoken(speech, f"number {index} is up")
    assert speech.ready("Hello.") is not None
    assert speech.ready("number 0 is up") is None
    assert library.counts.evictions > 0


async def test_numbers_are_spoken_as_words() -> None:
    speaker = Speaker()
    await spoken(maker(speaker), "Call 555-0132.")
    assert speaker.spoken == ["Call five five five, zero one three two."]


async def test_a_voice_s_pace_is_learnt() -> None:
    speech = maker(Speaker(word_seconds=0.6))
    before = speech.pace
    await spoken(speech, "one two three four.")
    assert speech.pace > before


async def test_what_a_stand_in_says_is_heard_and_not_kept() -> None:
    loop = asyncio.get_running_loop()
    usual = ScriptedVoice("usual", [ProviderUnavailable("usual", "down")], ["all"])
    voices = candidates(Kind.TTS, usual, ScriptedVoice("other", [1, "all"]))
    library, store = SpeechLibrary(), MemoryStore(loop.time)
    library.store = store
    voice = SteadyVoice(voices, Board(clock=loop.time))
    speech = SpeechMaker(voice, Voice("en-US"), Codec.PCMU, library)
    await speech.prepare(["Nine to five."])
    assert speech.ready("Nine to five.") is None
    await speech.prepare(["Nine to five."])
    assert speech.ready("Nine to five.") is not None
    assert [len(voices[0].provider.requests), len(voices[1].provider.requests)] == [2, 1]


async def test_a_voice_that_goes_on_in_another_format_is_heard_whole() -> None:
    loop = asyncio.get_running_loop()
    narrow = ScriptedVoice("narrow", [2, ProviderUnavailable("narrow", "down")])
    wide = ScriptedVoice("wide", ["all"])
    wide.rate = 24_000
    voice = SteadyVoice(candidates(Kind.TTS, narrow, wide), Board(clock=loop.time))
    speech = SpeechMaker(voice, Voice("en-US"), Codec.PCMU)
    clip = joined([clip async for clip in speech.speak("Nine ten nine ten")])
    assert len(clip) / 50 == pytest.approx(4 * WORD_SECONDS, abs=0.65)


async def test_old_speech_is_made_anew() -> None:
    now = [0.0]
    library = SpeechLibrary(kept_seconds=60.0, clock=lambda: now[0])
    speaker = Speaker()
    maker = SpeechMaker(speaker, Voice("en-US"), Codec.PCMU, library)
    await maker.prepare(["Hello."])
    now[0] = 59.0
    assert maker.ready("Hello.") is not None
    now[0] = 60.0
    assert maker.ready("Hello.") is None
    assert library.held_bytes == 0
    await maker.prepare(["Hello."])
    assert speaker.spoken == ["Hello.", "Hello."]


async def test_without_a_cache_nothing_is_held() -> None:
    library = SpeechLibrary(most_bytes=0)
    maker = SpeechMaker(Speaker(), Voice("en-US"), Codec.PCMU, library)
    assert [clip async for clip in maker.speak("Hello.")] != []
    assert maker.ready("Hello.") is None
    assert library.held_bytes == 0
