"""End of the caller's speech to the first word of the answer, at the caller's ear.

A real phone calls through the real Asterisk and asks the clinic one recorded question after the
other. Both times are the kernel's, of packets on the phone's wire. Where the time goes is what
the gateway wrote into its own record of the same turns.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from gateway.demo.ear import Ear
from gateway.demo.errors import Silence, Step
from gateway.lab.phone import Phone
from gateway.lab.speech import Kind, Utterance, of_kind
from gateway.lab.wiretap import Wiretap
from tests.benchmarks.house import House
from tests.benchmarks.records import Record, turns

EXTENSION = "100"
PAUSE = 0.6
"""Seconds of silence after which the caller takes the answer to be over."""
ANSWER_WITHIN = 6.0
QUESTION_PAUSE = 0.3
STAGES = (
    "speech_end",
    "decided",
    "transcript",
    "model_first",
    "first_clause",
    "first_audio",
    "first_heard",
)
"""As the call record names them, in the order in which an answer passes them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question; `latency` in seconds, None where no answer came in time."""

    question: str
    latency: float | None


def questions(count: int) -> list[Utterance]:
    """`count` recorded questions that hold no pause, each voice and topic in turn."""
    whole = [utterance for utterance in of_kind(Kind.QUESTION) if not utterance.pauses]
    return list(islice(cycle(whole), count))


async def ask(house: House, asked: Sequence[Utterance]) -> list[Turn]:
    """One call in which all of it is asked."""
    with Wiretap(house.asterisk.sip_address) as tap:
        async with Phone("caller") as phone:
            zero = time.monotonic()
            await phone.dial(f"sip:{EXTENSION}@{tap.address}")
            said, heard = Ear(tap.call.said, zero), Ear(tap.call.heard, zero)
            await heard.utterance(Step.GREETING, after=0.0, within=ANSWER_WITHIN, pause=PAUSE)
            answered = [await _turn(phone, said, heard, question) for question in asked]
            await phone.hang_up()
    return answered


async def _turn(phone: Phone, said: Ear, heard: Ear, question: Utterance) -> Turn:
    began = time.monotonic() - said.zero
    await phone.say(question.path)
    spoken = await said.utterance(
        Step.FIRST_ANSWER, after=began, within=ANSWER_WITHIN, pause=QUESTION_PAUSE
    )
    try:
        answer = await heard.utterance(
            Step.FIRST_ANSWER, after=spoken.end, within=ANSWER_WITHIN, pause=PAUSE
        )
    except Silence:
        return Turn(question.name, None)
    return Turn(question.name, answer.start - spoken.end)


# ---- where the time goes


def waterfall(record: Record) -> Mapping[str, Sequence[float]]:
    """For each stage, seconds since the caller's last sound, of all answers of a call."""
    answers = [stages for stages in _stages(record) if "speech_end" in stages]
    return {
        stage: [each[stage] - each["speech_end"] for each in answers if stage in each]
        for stage in STAGES
    }


def _stages(record: Record) -> list[Mapping[str, float]]:
    found: list[Mapping[str, float]] = []
    for turn in turns(record):
        if isinstance(stages := turn.get("stages"), Mapping):
            found.append({n: float(t) for n, t in stages.items() if isinstance(t, int | float)})
    return found
