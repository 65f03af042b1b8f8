"""What the caller said while nobody could interrupt the agent: it waits. Pure."""

from dataclasses import replace

from gateway.conversation.backchannel import Utterance, classify
from gateway.conversation.grammars import ENGLISH
from gateway.conversation.turn import TurnOver


class Postponed:
    """At most one turn; what is said after it becomes part of it."""

    def __init__(self) -> None:
        self._turn: TurnOver | None = None
        self._released = False
        """Whether the turn that waits was told to go on."""

    def __repr__(self) -> str:
        return f"<Postponed {'one' if self._turn is not None else 'none'}>"

    @property
    def held(self) -> bool:
        """Whether a turn waits that was not told to go on."""
        return self._turn is not None and not self._released

    def add(self, turn: TurnOver, language: str = ENGLISH) -> bool:
        """Have `turn`, said in `language`, wait; False if it is a mere sign of listening, which
        does not."""
        waiting = self._turn
        if waiting is not None:
            whole = f"{waiting.text} {turn.text}".strip()
            self._turn = replace(turn, text=whole, began=waiting.began)
            return True
        voiced = turn.ended - turn.began
        if classify(turn.text, voiced_seconds=voiced, language=language) is Utterance.SPEECH:
            self._turn = turn
            return True
        return False

    def release(self) -> None:
        """Tell what waits to go on."""
        self._released = True

    def hold(self) -> None:
        """What waits, or will, is to be told anew."""
        self._released = False

    def take(self) -> TurnOver | None:
        """The turn that waited, which does so no more; None without one."""
        turn, self._turn = self._turn, None
        return turn
