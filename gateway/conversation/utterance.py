"""One thing the agent says, clause by clause, and how much of it has been heard. Pure."""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gateway.conversation.clip import Clip
from gateway.conversation.normalise import pieces
from gateway.providers.alignment import SpokenAudio, heard_text
from gateway.providers.base import WordTime

_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


class Clause:
    """Text on its way out. `pace` is how fast its voice usually speaks (`alignment`).

    `part` counts the answers of the model that one turn of the agent is made of (a tool call
    ends one); a clause that belongs to none (a filler, a ringing tone) is no part of what was
    said.
    """

    def __init__(self, text: str, language: str, *, part: int | None, pace: float) -> None:
        self.text = text
        self.part = part
        self.complete = False
        self.begins: int | None = None
        """The playout position before its first frame, once that is accepted."""
        self._pieces = pieces(text, language)
        self._pace = pace
        self._frames = 0
        self._voiced: list[NDArray[np.bool_]] = []
        self._words: list[WordTime] = []

    def __repr__(self) -> str:
        return f"<Clause of {len(self._pieces)} pieces, {self._frames} frames from {self.begins}>"

    def learn(self, clip: Clip) -> None:
        """`clip` is part of its audio, whether it has been played or not."""
        self._frames += len(clip)
        self._voiced.append(clip.voiced)
        self._words.extend(clip.words)

    def heard(self, played: int) -> str:
        """The words of it that had been heard when the leg had `played` so many frames."""
        if self.begins is None or played <= self.begins:
            return ""
        if self.complete and played >= self.begins + self._frames:
            return self.text
        audio = SpokenAudio(np.concatenate(self._voiced), self._words, self.complete, self._pace)
        return heard_text(self._pieces, audio, played - self.begins)


class Utterance:
    """Clauses in the order in which they are heard.

    `first_heard` and `last_heard` are the times at which its first and its latest frame had left;
    `cut` says that what has not left never will.
    """

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.cut = False
        self.first_heard: float | None = None
        self.last_heard: float | None = None
        self._played = 0
        self._frozen = False
        self._begun = 0
        self._current = ""

    def __repr__(self) -> str:
        return f"<Utterance of {len(self.clauses)} clauses>"

    def on_played(self, played: int, time: float) -> None:
        """The leg has played so many frames at `time`."""
        if self._frozen or played == self._played:
            return
        begins = self._begins()
        if begins is not None and played > max(begins, self._played):
            self.last_heard = time
            self.first_heard = time if self.first_heard is None else self.first_heard
        self._played = played

    def freeze(self) -> None:
        """What was heard by now is all that will be heard."""
        self._frozen = True

    def heard(self, part: int | None = None) -> str:
        """What has been heard of the text, or of one part of it."""
        return together(c.heard(self._played) for c in self._said(part))

    def text(self, part: int | None = None) -> str:
        """All that was to be said so far, or one part of it."""
        return together(clause.text for clause in self._said(part))

    @property
    def current(self) -> str:
        """The text up to and with the clause that is being heard."""
        begun = 0
        for clause in self.clauses:
            if clause.begins is not None and clause.begins <= self._played:
                begun += 1
        if begun != self._begun:
            self._begun = begun
            self._current = together(
                c.text
                for c in self._said(None)
                if c.begins is not None and c.begins <= self._played
            )
        return self._current

    def _said(self, part: int | None) -> list[Clause]:
        wanted = [c for c in self.clauses if c.part is not None]
        return wanted if part is None else [c for c in wanted if c.part == part]

    def _begins(self) -> int | None:
        for clause in self.clauses:
            if clause.begins is not None:
                return clause.begins
        return None


def together(texts: Iterable[str]) -> str:
    """Clauses as one text; languages without spaces get none."""
    whole = ""
    for text in texts:
        space = " " if whole and text and not _WIDE.search(whole[-1] + text[0]) else ""
        whole += space + text
    return whole
