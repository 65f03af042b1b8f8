"""The proofs are made with a recogniser that reads sounds we made: a frequency is a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from gateway.demo.errors import NotUnderstood, Step, VoiceMissing
from gateway.demo.script import Question, Script
from gateway.demo.talkspurts import RATE, Samples
from gateway.demo.verify import Recordings, verify
from gateway.lab.speech import Kind, Utterance

SENTENCES = {
    600: "Hello, this is the clinic.",
    800: "We are open Monday to Friday.",
    1000: "The car park is behind the building.",
    1200: "I am connecting you to reception.",
    1400: "Front desk, good morning.",
    1600: "Thank you, I have a question.",
    1800: "Somebody else entirely spoke here.",
}
GREETING, HOURS, PARKING, CONNECTING, PERSON, CALLER, STRANGER = SENTENCES


def tone(frequency: float, seconds: float = 0.8, level: float = 0.1) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def line(frequencies: Sequence[float]) -> Samples:
    """One sentence after the other, with pauses between them, ringing (440 Hz) included."""
    quiet = np.zeros(RATE, np.float32)
    return np.concatenate([quiet, *(part for f in frequencies for part in (tone(f), quiet))])


async def recognise(samples: Samples) -> str:
    spectrum = np.abs(np.fft.rfft(samples))
    peak = float(np.fft.rfftfreq(len(samples), 1 / RATE)[spectrum.argmax()])
    return SENTENCES.get(round(peak / 200) * 200, "")


@dataclass(frozen=True)
class Tone(Utterance):
    """What somebody says with one frequency."""

    frequency: int = 0

    @property
    def audio(self) -> Samples:
        return tone(self.frequency)


def says(frequency: int) -> Tone:
    return Tone("", "", Kind.PERSON, SENTENCES[frequency], frequency=frequency)


SCRIPT = Script(
    greeting=SENTENCES[GREETING],
    questions=(
        Question(Step.FIRST_ANSWER, says(HOURS), SENTENCES[HOURS]),
        Question(Step.SECOND_ANSWER, says(PARKING), SENTENCES[PARKING]),
    ),
    wish=Question(Step.ANNOUNCEMENT, says(CONNECTING), SENTENCES[CONNECTING]),
    person_says=says(PERSON),
    caller_says=says(CALLER),
)
GOOD_CALL = (GREETING, HOURS, PARKING, CONNECTING, 440, PERSON)


async def steps(at_caller: Sequence[float], at_person: Sequence[float]) -> list[Step]:
    recordings = Recordings(line(at_caller), line(at_person))
    return [proof.step async for proof in verify(SCRIPT, recordings, recognise)]


async def test_a_good_call_proves_every_step() -> None:
    assert await steps(GOOD_CALL, [CALLER]) == [
        Step.GREETING,
        Step.FIRST_ANSWER,
        Step.SECOND_ANSWER,
        Step.ANNOUNCEMENT,
        Step.CALLER_HEARS_PERSON,
        Step.PERSON_HEARS_CALLER,
    ]


@pytest.mark.parametrize(
    ("missing", "step"),
    [
        (GREETING, Step.GREETING),
        (HOURS, Step.FIRST_ANSWER),
        (PARKING, Step.SECOND_ANSWER),
        (CONNECTING, Step.ANNOUNCEMENT),
    ],
)
async def test_a_line_that_was_not_said_is_named(missing: int, step: Step) -> None:
    with pytest.raises(NotUnderstood) as raised:
        await steps([frequency for frequency in GOOD_CALL if frequency != missing], [CALLER])
    assert raised.value.step is step
    assert SENTENCES[missing] in str(raised.value)


async def test_answers_in_the_wrong_order_are_no_answers() -> None:
    with pytest.raises(NotUnderstood) as raised:
        await steps((GREETING, PARKING, HOURS, CONNECTING, PERSON), [CALLER])
    assert raised.value.step is Step.SECOND_ANSWER


async def test_a_person_who_is_not_heard_is_missing() -> None:
    with pytest.raises(VoiceMissing) as raised:
        await steps((GREETING, HOURS, PARKING, CONNECTING, 440), [CALLER])
    assert raised.value.step is Step.CALLER_HEARS_PERSON


async def test_a_person_who_was_heard_before_the_transfer_was_not_put_through() -> None:
    with pytest.raises(VoiceMissing) as raised:
        await steps((PERSON, GREETING, HOURS, PARKING, CONNECTING), [CALLER])
    assert raised.value.step is Step.CALLER_HEARS_PERSON


@pytest.mark.parametrize("at_person", [[], [STRANGER]])
async def test_a_caller_whom_the_person_does_not_hear_is_missing(at_person: list[int]) -> None:
    with pytest.raises(VoiceMissing) as raised:
        await steps(GOOD_CALL, at_person)
    assert raised.value.step is Step.PERSON_HEARS_CALLER


async def test_an_empty_recording_names_the_first_step() -> None:
    with pytest.raises(NotUnderstood) as raised:
        await steps([], [])
    assert raised.value.step is Step.GREETING


async def test_a_voice_that_the_recogniser_misses_is_known_by_its_sound() -> None:
    recordings = Recordings(line(GOOD_CALL), line([CALLER]))
    proofs = [proof async for proof in verify(SCRIPT, recordings, deaf_to_the_caller)]
    assert proofs[-1].share == 0.0
    assert proofs[-1].likeness is not None
    assert proofs[-1].likeness > 0.9


async def deaf_to_the_caller(samples: Samples) -> str:
    text = await recognise(samples)
    return "" if text == SENTENCES[CALLER] else text
