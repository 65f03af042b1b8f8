"""Recorded speech of callers and persons, with what is said: see README.md beside the files."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.lab.sound import TELEPHONE_RATE, read_wav

FOLDER = Path(__file__).parent


class Kind(StrEnum):
    """What an utterance does to a conversation."""

    QUESTION = "question"
    """The clinic's knowledge answers it."""
    REQUEST = "request"
    """It leads to an action or a person."""
    REPLY = "reply"
    """An answer to something the agent asks, or a farewell."""
    BACKCHANNEL = "backchannel"
    """A sign of listening: the agent should go on."""
    INTERRUPTION = "interruption"
    """The agent should stop."""
    NONSENSE = "nonsense"
    """Clear speech that no knowledge covers."""
    PERSON = "person"
    """Said between the caller and the person at 1001."""
    NOISE = "noise"
    """No speech at all."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording. `pauses` are the silences inside it, in seconds."""

    name: str
    voice: str
    kind: Kind
    text: str
    pauses: tuple[float, ...] = ()

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.wav"

    @property
    def audio(self) -> NDArray[np.float32]:
        """8 kHz samples in -1..1."""
        return read_wav(self.path)

    @property
    def seconds(self) -> float:
        return len(self.audio) / TELEPHONE_RATE


@cache
def utterances() -> dict[str, Utterance]:
    """All recordings by name ("michael-hours")."""
    entries = tomllib.loads((FOLDER / "speech.toml").read_text())
    return {
        name: Utterance(
            name=name,
            voice=entry["voice"],
            kind=Kind(entry["kind"]),
            text=entry["text"],
            pauses=tuple(entry.get("pauses", ())),
        )
        for name, entry in entries.items()
    }


def utterance(name: str) -> Utterance:
    """The recording of that name; KeyError if there is none."""
    return utterances()[name]


def of_kind(kind: Kind, *, voice: str | None = None) -> list[Utterance]:
    """The recordings of a kind, by `voice` only if one is named."""
    return [
        each for each in utterances().values() if each.kind is kind and voice in (None, each.voice)
    ]
