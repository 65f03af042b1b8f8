"""A caller as patient as people are: listens, bears with fillers, and asks again if need be."""

import contextlib
import time

import numpy as np

from gateway.app import VAD_MODEL
from gateway.demo.ear import Ear
from gateway.demo.errors import Step
from gateway.demo.gateway_process import PROFILES
from gateway.demo.recogniser import Recogniser
from gateway.demo.talkspurts import RATE, Samples, Span
from gateway.demo.words import share_heard
from gateway.lab.caller import Caller
from gateway.lab.errors import LabError
from gateway.lab.speech import utterance
from gateway.profile import load_profile
from gateway.providers.weights import verified
from rtp.vad import FRAME, SpeechDetector

PATIENCE = 60.0
"""Seconds; nothing here measures how fast a busy test machine is."""
PAUSE = 0.8
ENOUGH_WORDS = 0.6
QUESTION = "michael-hours"
TOPIC = "Opening hours"
LONG = 2.5
"""Seconds of voice: the answer takes four, everything else the clinic says here less than this."""
LATE_FRAMES = 10
"""A detector of voice may be so late, and speech ends softly."""
BEFORE_ASKING_AGAIN = 25.0
MOST_QUESTIONS = 3


async def hears_itself(caller: Caller) -> None:
    """Whoever the caller is connected to echoes. What is said in the first moments may be lost."""
    for _ in range(10):
        said = await caller.say(np.sin(np.arange(4000) * 0.5).astype(np.float32) * 0.3)
        with contextlib.suppress(LabError):
            await caller.hears_voice(since=said.start, within=3.0)
            return
    raise AssertionError(f"{caller} hears no echo")


async def greeted(caller: Caller) -> Ear:
    """The caller's ear once the call was answered and the greeting heard out."""
    await caller.answered(within=PATIENCE)
    ear = Ear(caller.heard, time.monotonic())
    greeting = await ear.utterance(Step.GREETING, after=0.0, within=PATIENCE, pause=PAUSE)
    assert greeting.seconds > 1.0
    return ear


async def ask_until_answered(caller: Caller, ear: Ear) -> Span:
    """Ask the clinic when it is open, listen until something as long as an answer came, and
    say when that was. Short replies are fillers; after a long time of them it is asked again.

    What was said is read afterwards (`is_the_answer`): a recogniser here, beside the one that is
    being asked, would keep both waiting.
    """
    for _ in range(MOST_QUESTIONS):
        await caller.say(utterance(QUESTION).audio)
        asked = listening = time.monotonic() - ear.zero
        while listening < asked + BEFORE_ASKING_AGAIN:
            span = await ear.utterance(
                Step.FIRST_ANSWER, after=listening, within=PATIENCE, pause=PAUSE
            )
            if voiced_seconds(ear.audio(span.start, span.end)) >= LONG:
                return span
            listening = span.end
    raise AssertionError(f"{caller} got only short replies")


def voiced_seconds(samples: Samples) -> float:
    """How much of it is a voice: an agent at work can also be heard typing."""
    return len(voiced_frames(samples)) * FRAME / RATE


def voice_in(samples: Samples) -> Samples:
    """From a little before the first of the voice to a little after the last: typing in front of it
    makes a recogniser hear anything, or nothing."""
    voiced = voiced_frames(samples)
    first, last = (voiced[0], voiced[-1]) if voiced else (0, 0)
    return samples[max(0, first - LATE_FRAMES) * FRAME : (last + 1 + LATE_FRAMES) * FRAME]


def voiced_frames(samples: Samples) -> list[int]:
    """Which of its frames of 20 ms are a voice."""
    detector, row = SpeechDetector(1, verified(VAD_MODEL)), np.array([0])
    detector.reset(0)
    voiced = []
    for nth, frame in enumerate(samples[: len(samples) // FRAME * FRAME].reshape(-1, 1, FRAME)):
        detector.process(row, frame)
        if detector.probability[0] > 0.5:
            voiced.append(nth)
    return voiced


async def is_the_answer(ear: Ear, answer: Span, recogniser: Recogniser) -> None:
    """What was heard then is what the clinic says of its opening hours."""
    topics = load_profile(PROFILES / "clinic.toml").topics
    (expected,) = (topic.answer for topic in topics if topic.title == TOPIC)
    heard = await recogniser.words(voice_in(ear.audio(answer.start, answer.end)))
    assert share_heard(expected, heard) >= ENOUGH_WORDS, heard
