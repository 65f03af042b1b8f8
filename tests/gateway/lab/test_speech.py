"""The recordings are what their list says, and fit to be spoken into a telephone."""

from itertools import pairwise

import numpy as np
import pytest

from gateway.lab.hearing import MULAW, Packet, voices
from gateway.lab.lines import speech_frames
from gateway.lab.speech import FOLDER, Kind, of_kind, utterance, utterances


def test_every_recording_is_listed_and_every_entry_is_recorded() -> None:
    assert {path.stem for path in FOLDER.glob("*.wav")} == set(utterances())


def test_all_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 1_500_000


@pytest.mark.parametrize("name", sorted(utterances()))
def test_a_recording_is_loud_enough_and_does_not_clip(name: str) -> None:
    audio = utterance(name).audio
    assert 0.02 < float(np.sqrt(np.mean(audio**2))) < 0.3
    assert float(np.max(np.abs(audio))) < 0.95


@pytest.mark.parametrize("name", [each.name for each in utterances().values() if each.pauses])
def test_the_pauses_inside_are_as_long_as_listed(name: str) -> None:
    listed = utterance(name).pauses
    packets = [
        Packet(index * 0.02, 0, 0, 0, MULAW, frame.payload)
        for index, frame in enumerate(speech_frames(utterance(name).audio))
    ]
    parts = voices(packets)
    gaps = [after.start - before.end for before, after in pairwise(parts)]
    assert len(gaps) == len(listed)
    for gap, pause in zip(gaps, listed, strict=True):
        assert pause <= gap < pause + 0.25


def test_no_caller_has_the_agents_voice() -> None:
    assert {each.voice for each in utterances().values()} == {"michael", "bella", "emma", "noise"}


def test_kinds_can_be_asked_for() -> None:
    assert utterance("cough") in of_kind(Kind.NOISE)
    assert all(each.voice == "bella" for each in of_kind(Kind.QUESTION, voice="bella"))
    assert len(of_kind(Kind.QUESTION)) >= 15
