"""Answers found again on the wire, their words, and what a record believes of them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gateway.lab.hearing import Packet
from gateway.providers.base import Json
from tests.benchmarks.disturbances import Sound, judged
from tests.benchmarks.heard_truth import beliefs
from tests.benchmarks.interruptions import silent_at
from tests.benchmarks.known_speech import Answer, Repertoire, Run
from tests.benchmarks.texts import LONG_ANSWERS
from tests.benchmarks.waits import three_sentences
from tests.benchmarks.word_times import Word, offset, word_spans

FRAMES = 50
WAV = Path("unread.wav")


def answer(number: int, text: str) -> Answer:
    """A second of frames, every one different, with silence in the middle; words of 0.2 s."""
    frames = np.full((FRAMES, 160), number, np.uint8)
    frames[:, 0] = np.arange(FRAMES)
    frames[20:25] = 0xFF
    words = [Word(at * 0.2, at * 0.2 + 0.2) for at in range(len(text.split()))]
    return Answer(text, frames, words)


REPERTOIRE = Repertoire([answer(1, "one two three four five"), answer(2, "six seven eight")])


def packets(*pieces: tuple[int, int, int], start: float = 0.0) -> list[Packet]:
    """Frames `first` to `last` of an answer, 20 ms apart."""
    frames = [
        REPERTOIRE.answers[number].frames[place].tobytes()
        for number, first, last in pieces
        for place in range(first, last)
    ]
    return [Packet(start + n * 0.02, 1, n, n * 160, 0, frame) for n, frame in enumerate(frames)]


def test_an_answer_is_found_by_its_frames() -> None:
    (run,) = REPERTOIRE.runs(packets((0, 0, 50)))
    assert (run.answer, run.frames) == (0, 50)
    assert run.continues(REPERTOIRE.tellable(0))
    assert REPERTOIRE.tellable(0) == 45


def test_answers_follow_each_other_and_begin_anew() -> None:
    runs = REPERTOIRE.runs(packets((0, 0, 30), (1, 0, 10), (1, 0, 50)))
    assert [(run.answer, run.frames) for run in runs] == [(0, 30), (1, 10), (1, 50)]


def test_an_answer_that_lacks_a_piece_or_stutters_does_not_continue() -> None:
    known = REPERTOIRE.tellable(0)
    (skipped,) = REPERTOIRE.runs(packets((0, 0, 10), (0, 14, 50)))
    (stuttered,) = REPERTOIRE.runs(packets((0, 0, 10), (0, 8, 50)))
    (held,) = REPERTOIRE.runs(packets((0, 0, 10), (0, 12, 50)))
    assert not skipped.continues(known - 2)
    assert not stuttered.continues(known - 2)
    assert held.continues(known - 2)


def test_a_word_is_heard_when_half_of_it_was() -> None:
    spoken = REPERTOIRE.answers[0]
    assert [spoken.words_heard(frames) for frames in (0, 4, 6, 14, 16, 50)] == [0, 0, 1, 1, 2, 5]


def turn(text: str, said: str, *, interrupted: bool) -> Mapping[str, Json]:
    return {"kind": "answer", "text": text, "said": said, "interrupted": interrupted}


def test_what_the_record_believes_is_compared_with_the_wire() -> None:
    record: Mapping[str, Json] = {
        "conversation": {
            "turns": [
                {"kind": "greeting", "text": "Hello.", "said": "Hello.", "interrupted": True},
                turn("one two three", "one two three four five", interrupted=True),
                turn("", "six seven eight", interrupted=True),
                turn("one two three four five", "one two three four five", interrupted=False),
                turn("six", "six seven", interrupted=True),
            ]
        }
    }
    runs = REPERTOIRE.runs(packets((0, 0, 27), (0, 0, 50), (1, 0, 16)))
    found = beliefs(record, runs, REPERTOIRE)
    assert [(each.believed, each.truly) for each in found] == [(3, 3), (0, 0), (1, 2)]
    assert [each.error for each in found] == [0, 0, 1]


def test_a_sound_has_lost_the_sentence_it_was_the_last_in() -> None:
    cough, hum = Sound("cough", WAV), Sound("hum", WAV)
    whole = Run(0, range(45), [100.0 + n * 0.02 for n in range(45)])
    broken = Run(1, range(20), [110.0 + n * 0.02 for n in range(20)])
    found = judged([(cough, 0.1), (hum, 10.1)], [whole, broken], REPERTOIRE, zero=100.0)
    assert [(each.sound, each.lost) for each in found] == [("cough", False), ("hum", True)]


def test_silence_is_where_speech_ends_behind_an_onset() -> None:
    audio = np.zeros(8000 * 4, np.float32)
    audio[4000:16000] = 0.2 * np.sin(np.arange(12000))
    assert silent_at(audio, 1.9) == 2.0
    assert silent_at(audio, 2.05) == 2.05
    assert silent_at(audio, 3.0) is None


def test_words_have_their_times_without_punctuation() -> None:
    signs = ["a", "b", ",", " ", "c", "."]
    seconds = [0.5, 0.1, 0.2, 0.3, 0.05, 0.4, 0.2, 0.5]
    first, second = word_spans(signs, seconds)
    assert np.allclose((*first, *second), (0.5, 0.8, 1.15, 1.55))


def test_a_sound_is_found_in_audio_even_if_its_begin_is_missing() -> None:
    sound = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    audio = np.concatenate((np.zeros(300, np.float32), sound, np.zeros(300, np.float32)))
    assert offset(audio, sound) == 300
    assert offset(audio[400:], sound) == -100


def test_texts_are_plain_and_different() -> None:
    assert len({*LONG_ANSWERS}) == len(LONG_ANSWERS)
    texts = list(three_sentences())
    assert len({*texts}) == len(texts) >= 50
    assert all(text.count(". ") == 2 for text in texts)
