"""A caller as patient as people are: listens, bears with fillers, and asks again if need be."""

import contextlib
import time

import numpy as np

from gateway.demo.ear import Ear
from gateway.demo.errors import Step
from gateway.demo.gateway_process import PROFILES
from gateway.demo.recogniser import Recogniser
from gateway.demo.words import share_heard
from gateway.lab.caller import Caller
from gateway.lab.errors import LabError
from gateway.lab.speech import utterance
from gateway.profile import load_profile

PATIENCE = 60.0
"""Seconds; nothing here measures how fast a busy test machine is."""
PAUSE = 0.8
ENOUGH_WORDS = 0.6
QUESTION = "michael-hours"
TOPIC = "Opening hours"
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


async def ask_until_answered(caller: Caller, ear: Ear, recogniser: Recogniser) -> str:
    """Ask the clinic when it is open and listen until that is what it says; what was heard.

    What else it says first is listened to: a filler is waited out, anything else is asked again.
    """
    profile = load_profile(PROFILES / "clinic.toml")
    (answer,) = (topic.answer for topic in profile.topics if topic.title == TOPIC)
    heard = []
    for _ in range(MOST_QUESTIONS):
        await caller.say(utterance(QUESTION).audio)
        filler = True
        listening = time.monotonic() - ear.zero
        while filler:
            span = await ear.utterance(
                Step.FIRST_ANSWER, after=listening, within=PATIENCE, pause=PAUSE
            )
            listening = span.end
            heard.append(await recogniser.words(ear.audio(span.start, span.end)))
            if share_heard(answer, heard[-1]) >= ENOUGH_WORDS:
                return heard[-1]
            filler = any(
                share_heard(phrase, heard[-1]) >= ENOUGH_WORDS for phrase in profile.phrases.fillers
            )
    raise AssertionError(f"{caller} was not answered: heard {heard}")
