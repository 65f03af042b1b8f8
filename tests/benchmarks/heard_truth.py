"""Whether the gateway knows what its callers have heard: its record against the wire. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.providers.base import Json
from tests.benchmarks.known_speech import Repertoire, Run


@dataclass(frozen=True, slots=True)
class Believed:
    """One interrupted turn: words that were heard by the record, and by the wire."""

    believed: int
    truly: int

    @property
    def error(self) -> int:
        return abs(self.believed - self.truly)


def beliefs(
    record: Mapping[str, Json], runs: Sequence[Run], repertoire: Repertoire
) -> list[Believed]:
    """Every interrupted answer of a call whose answers came over the wire as `runs`.

    A turn of which not even a frame came has no run.
    """
    found: list[Believed] = []
    left = list(runs)
    for turn in answers(record):
        number = _number(str(turn["said"]), repertoire)
        run = left.pop(0) if left and left[0].answer == number else None
        if turn["interrupted"]:
            truly = 0 if run is None else repertoire.answers[run.answer].words_heard(run.frames)
            found.append(Believed(len(str(turn["text"]).split()), truly))
    return found


def answers(record: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The agent's answers in a call's record of which anything was to be said."""
    conversation = record["conversation"]
    assert isinstance(conversation, Mapping)
    turns = conversation["turns"]
    assert isinstance(turns, Sequence)
    for turn in turns:
        if isinstance(turn, Mapping) and turn.get("kind") == "answer" and turn["said"]:
            yield turn


def _number(said: str, repertoire: Repertoire) -> int:
    """Which answer begins with what was `said`."""
    texts = enumerate(answer.text for answer in repertoire.answers)
    return next(number for number, text in texts if text.startswith(said))
