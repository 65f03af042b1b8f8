"""The call proved from what the two phones recorded, and from nothing else. Pure.

Each expected line must be recognised in the recording, one after the other; the first that is
not raises. What the two people say to each other is recorded speech that we know to the sample,
so their voices are also looked for by correlation.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.demo.errors import NotUnderstood, Step, VoiceMissing
from gateway.demo.likeness import likeness
from gateway.demo.script import Script
from gateway.demo.talkspurts import RATE, Samples, Span, talkspurts
from gateway.demo.tones import without_tones
from gateway.demo.words import share_heard
from gateway.lab.speech import Utterance

CALLER_HEARD, PERSON_HEARD = "caller-heard.wav", "person-heard.wav"
ENOUGH_WORDS = 0.6
"""Share of an expected line's content words that must be recognised."""
ALIKE = 0.5
"""Correlation from which a voice is certain: other speech stays below 0.2."""
PAUSE = 0.5
MARGIN = 0.1
MOST_PIECES = 3
"""An answer may have been recorded in so many pieces."""

Recognise: TypeAlias = Callable[[Samples], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Recordings:
    """What the phones recorded, 8 kHz."""

    caller_heard: Samples
    person_heard: Samples


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech in a recording, or several in a row, and what was recognised there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A step that was found in a recording: `share` of the words of `expected`, and how alike
    the voice is where it is known to the sample."""

    step: Step
    recording: str
    expected: str
    heard: str
    share: float
    likeness: float | None = None


async def verify(
    script: Script, recordings: Recordings, recognise: Recognise
) -> AsyncIterator[Proof]:
    """A proof for each step as it is found; raises NotUnderstood or VoiceMissing at the first
    that is not in the recordings."""
    heard = await utterances(recordings.caller_heard, recognise)
    for step, expected in script.agent_lines:
        line = max(
            _runs(heard),
            key=lambda run: share_heard(expected, run.text),
            default=Heard(Span(0.0, 0.0), ""),
        )
        share = share_heard(expected, line.text)
        if share < ENOUGH_WORDS:
            raise NotUnderstood(step, CALLER_HEARD, expected, line.text, share)
        yield Proof(step, CALLER_HEARD, expected, line.text, share)
        heard = [each for each in heard if each.span.start >= line.span.end]
    yield _voice(
        Step.CALLER_HEARS_PERSON,
        CALLER_HEARD,
        script.person_says,
        _from(heard, recordings.caller_heard),
        heard,
    )
    yield _voice(
        Step.PERSON_HEARS_CALLER,
        PERSON_HEARD,
        script.caller_says,
        recordings.person_heard,
        await utterances(recordings.person_heard, recognise),
    )


async def utterances(recording: Samples, recognise: Recognise) -> list[Heard]:
    """What is said in `recording`, cut at its pauses; ringing is no speech."""
    speech = without_tones(recording)
    return [
        Heard(span, await recognise(span.cut(speech, margin=MARGIN)))
        for span in talkspurts(speech, pause=PAUSE)
    ]


def _runs(heard: Sequence[Heard]) -> Iterator[Heard]:
    """Every few neighbours as one."""
    for first in range(len(heard)):
        for last in range(first, min(first + MOST_PIECES, len(heard))):
            span = Span(heard[first].span.start, heard[last].span.end)
            yield Heard(span, _text(heard[first : last + 1]))


def _from(heard: Sequence[Heard], recording: Samples) -> Samples:
    """`recording` from the first of `heard` on."""
    if not heard:
        return recording[:0]
    return Span(heard[0].span.start, len(recording) / RATE).cut(recording, margin=MARGIN)


def _text(heard: Sequence[Heard]) -> str:
    return " ".join(each.text for each in heard).strip()


def _voice(
    step: Step, name: str, speech: Utterance, recording: Samples, heard: Sequence[Heard]
) -> Proof:
    alike = likeness(recording, speech.audio)
    share = share_heard(speech.text, _text(heard))
    if alike < ALIKE and share < ENOUGH_WORDS:
        raise VoiceMissing(step, name, speech.text, alike)
    return Proof(step, name, speech.text, _text(heard), share, alike)
