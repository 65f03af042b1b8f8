"""Recorded prompts: where they may stand, what is wrong with them, how they sound and are heard."""

from pathlib import Path

import numpy as np
import pytest

from gateway.conversation.prompts import backdrop, spoken
from gateway.conversation.sentences import ClauseSplitter
from gateway.conversation.speech import SpeechLibrary, SpeechMaker
from gateway.errors import ConfigError
from gateway.profile import Recording, Sound, load_profile
from gateway.providers.base import Samples, TextDelta, Voice
from rtp.codec import Codec
from rtp.g711 import decode_mulaw
from tests.fakes.speech import Model, Speaker
from tests.gateway.conversation.scene import Scene
from tests.gateway.wavs import write_wav

WORDS = "Hello there, this is Acme."


def profile_file(folder: Path, text: str) -> Path:
    file = folder / "clinic.toml"
    file.write_text(text, "utf-8")
    return file


def hello(folder: Path, *, seconds: float = 1.5, words: str = WORDS, name: str = "hello") -> None:
    write_wav(folder / f"{name}.wav", seconds=seconds)
    (folder / f"{name}.txt").write_text(words + "\n", "utf-8")


def test_a_recording_stands_wherever_words_can(tmp_path: Path) -> None:
    for name in ("hello", "bye", "filler", "sorry", "ask", "done", "hours"):
        hello(tmp_path, words=f"The words of {name}.", name=name)
    (tmp_path / "know.md").write_text("# Hours\n- When?\n\nhours.wav\n", "utf-8")
    profile = load_profile(
        profile_file(
            tmp_path,
            'greeting = "hello.wav"\ngoodbye = "bye.wav"\nknowledge = ["know.md"]\n'
            '[phrases]\nfillers = ["One moment.", "filler.wav"]\napology = "sorry.wav"\n'
            '[[intents]]\nname = "order"\nexamples = ["order"]\ndone = "done.wav"\n'
            '[[intents.slots]]\nname = "number"\nask = "ask.wav"\n',
        )
    )
    assert profile.greeting == "The words of hello."
    assert profile.goodbye == "The words of bye."
    assert profile.phrases.fillers == ("One moment.", "The words of filler.")
    assert profile.phrases.apology == "The words of sorry."
    assert profile.intents[0].done == "The words of done."
    assert profile.intents[0].slots[0].ask == "The words of ask."
    assert profile.topics[0].answer == "The words of hours."
    assert profile.recordings["The words of hello."].name == "hello.wav"
    assert len(profile.recordings) == 7


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_any_pcm_is_read(tmp_path: Path, rate: int, width: int) -> None:
    write_wav(tmp_path / "hello.wav", rate=rate, width=width)
    (tmp_path / "hello.txt").write_text(WORDS, "utf-8")
    profile = load_profile(profile_file(tmp_path, 'greeting = "hello.wav"\n'))
    recording = profile.recordings[WORDS]
    assert recording.rate == rate
    assert recording.seconds == pytest.approx(1.2, abs=0.01)
    assert float(np.abs(recording.samples).max()) == pytest.approx(0.3, abs=0.01)


def _broken(folder: Path, what: str) -> None:
    file = folder / "hello.wav"
    match what:
        case "missing":
            return
        case "stereo":
            write_wav(file, channels=2)
        case "rate":
            write_wav(file, rate=6000)
        case "short":
            write_wav(file, seconds=0.05)
        case "long":
            write_wav(file, seconds=301, rate=8000)
        case "silent":
            write_wav(file, level=0.0)
        case "text":
            file.write_text("no audio", "utf-8")
        case "cut":
            file.write_bytes(write_wav(file).read_bytes()[:20])
        case _:
            write_wav(file)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("missing", "there is no such file beside the profile"),
        ("stereo", "has 2 channels, one is needed; convert it: sox hello.wav"),
        ("rate", "has 6000 samples a second, 8000 to 48000 are possible"),
        ("short", "lasts 0.1 seconds, 0.1 to 300 are possible"),
        ("long", "lasts 301.0 seconds"),
        ("silent", "holds only silence"),
        ("text", "is no PCM wav file"),
        ("cut", "is no PCM wav file"),
        ("no words", "needs its words in hello.txt beside it"),
        ("empty words", "hello.txt is empty"),
        ("latin words", "hello.txt is not UTF-8"),
        ("braces", "hello.txt has braces"),
    ],
)
def test_what_is_wrong_with_a_recording_is_one_line(tmp_path: Path, what: str, said: str) -> None:
    _broken(tmp_path, what)
    words = {"empty words": b" \n", "latin words": b"Gr\xfc\xdf", "braces": b"For {person}."}
    if what != "no words":
        (tmp_path / "hello.txt").write_bytes(words.get(what, WORDS.encode()))
    with pytest.raises(ConfigError) as caught:
        load_profile(profile_file(tmp_path, 'greeting = "hello.wav"\n'))
    assert caught.value.field == "clinic.toml: greeting"
    assert caught.value.value == "hello.wav"
    assert said in caught.value.fix


def test_two_recordings_cannot_say_the_same(tmp_path: Path) -> None:
    hello(tmp_path)
    hello(tmp_path, name="other", seconds=2.0)
    with pytest.raises(ConfigError, match=r"says the same words as hello\.wav"):
        load_profile(profile_file(tmp_path, 'greeting = "hello.wav"\ngoodbye = "other.wav"\n'))


def test_a_sound_of_waiting_is_a_name_or_a_wav(tmp_path: Path) -> None:
    write_wav(tmp_path / "hold.wav")
    text = 'greeting = "Hello."\n[waiting]\nsound = "hold.wav"\ntransfer = "music"\n'
    waiting = load_profile(profile_file(tmp_path, text)).waiting
    assert isinstance(waiting.sound, Recording)
    assert waiting.transfer is Sound.MUSIC
    with pytest.raises(ConfigError, match="is no sound; there are typing, music"):
        load_profile(profile_file(tmp_path, 'greeting = "Hi."\n[waiting]\nsound = "jazz"\n'))


# --- how they sound -----------------------------------------------------------------------------


def recording(level: float, seconds: float = 3.0, rate: int = 44100) -> Recording:
    times = np.arange(round(seconds * rate)) / rate
    samples = (level * np.sin(2 * np.pi * 300 * times)).astype(np.float32)
    return Recording("a.wav", samples, rate, f"{level}")


def sound(frames: "np.typing.NDArray[np.uint8]") -> Samples:
    return decode_mulaw(frames.reshape(-1))


def decibels(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples))))


@pytest.mark.parametrize("level", [0.03, 0.1, 0.5, 1.0])
def test_prompts_are_as_loud_as_voices_and_never_clipped(level: float) -> None:
    clips = list(spoken(recording(level), Codec.PCMU, pause=0.1))
    heard = sound(np.concatenate([clip.frames for clip in clips]))
    assert decibels(heard[1000:20000]) == pytest.approx(-20.0, abs=1.0)
    assert float(np.abs(heard).max()) < 1.0
    assert len(heard) / 8000 == pytest.approx(3.1, abs=0.05)


@pytest.mark.parametrize("what", [Sound.MUSIC, recording(0.9)])
def test_what_one_waits_by_is_softer_than_speech(what: Sound | Recording) -> None:
    clip = backdrop(what, Codec.PCMU, "en-US")
    assert clip is not None
    assert -34 < decibels(sound(clip.frames)) < -24


def test_silence_is_a_choice_too() -> None:
    assert backdrop(Sound.SILENCE, Codec.PCMU, "en-US") is None


# --- in a conversation --------------------------------------------------------------------------


async def test_a_recording_is_not_asked_of_the_voice_and_made_ready_once() -> None:
    speaker, library = Speaker(), SpeechLibrary()
    made = recording(0.2)
    maker = SpeechMaker(speaker, Voice("en-US"), Codec.PCMU, library, {WORDS: made})
    await maker.prepare([WORDS])
    clip = maker.ready(WORDS)
    assert clip is not None
    assert 3.0 < len(clip) * 0.02 < 3.4
    again = [each async for each in maker.speak(f" {WORDS} ")]
    assert len(again) == 1
    assert speaker.spoken == []
    assert (library.counts.misses, library.counts.memory_hits) == (1, 2)


@pytest.mark.virtual_time
async def test_what_was_heard_of_a_recording_is_known_when_it_is_interrupted(
    tmp_path: Path,
) -> None:
    words = "Hello there this is the clinic of Doctor Miller in Riverside."
    hello(tmp_path, seconds=3.3, words=words)
    profile = load_profile(profile_file(tmp_path, 'greeting = "hello.wav"\n'))
    scene = Scene(Model([[TextDelta("Yes.")]]), profile=profile)
    async with scene.play():
        await scene.until(lambda: scene.line.played > 75)
        scene.line.says("Stop please I have a question.")
        await scene.until(lambda: scene.agent("greeting") != [])
        [heard] = scene.agent("greeting")
        await scene.until(lambda: scene.agent("answer") != [])
    assert words.startswith(heard)
    assert 3 <= len(heard.split()) <= 8
    assert scene.speaker.spoken == ["Yes."]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_what_a_model_says_word_for_word_stays_in_one_piece(size: int) -> None:
    whole = "We are open from nine to five. On Sundays we are closed."
    splitter = ClauseSplitter((whole, "We are here."))
    text = f"{whole} We are happy. Anything else?"
    clauses: list[str] = []
    for start in range(0, len(text), size):
        clauses.extend(splitter.feed(text[start : start + size]))
    clauses.extend(splitter.finish())
    assert clauses == [whole, "We are happy.", "Anything else?"]


def test_the_begin_of_a_recorded_text_that_is_never_finished_is_said() -> None:
    splitter = ClauseSplitter(("We are open from nine to five.",))
    assert (*splitter.feed("We are open"), *splitter.finish()) == ("We are open",)
