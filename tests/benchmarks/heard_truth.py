"""Whether the gateway knows what its callers have heard: its record against the wire. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.known_speech import Repertoire, Run
from tests.benchmarks.records import Record, answers


@dataclass(frozen=True, slots=True)
class Believed:
    """One interrupted turn: words that were heard by the record, and by the wire."""

    believed: int
    truly: int
    said: str = ""
    """What was to be said when it was interrupted."""

    @property
    def error(self) -> int:
        return abs(self.believed - self.truly)


def beliefs(record: Record, runs: Sequence[Run], repertoire: Repertoire) -> list[Believed]:
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
            found.append(Believed(len(str(turn["text"]).split()), truly, str(turn["said"])))
    return found


def _number(said: str, repertoire: Repertoire) -> int:
    """Which answer begins with what was `said`."""
    texts = enumerate(answer.text for answer in repertoire.answers)
    return next(number for number, text in texts if text.startswith(said))
