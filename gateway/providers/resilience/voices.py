"""Several voices as one that stays up."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

from gateway.money.purse import purse_of_asker
from gateway.providers.base import SpeechChunk, TextToSpeech, Voice
from gateway.providers.resilience.attempts import Candidate
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.continuing import Spoken, shifted
from gateway.providers.resilience.delivery import Delivery
from gateway.providers.resilience.health import Health
from gateway.providers.resilience.routing import order
from gateway.providers.streams import closing

_SPEAKABLE = re.compile(r"\w")


class SteadyVoice:
    """TextToSpeech by `voices`, as they are listed; those that serve the language come first.

    A voice that fails in mid-sentence is followed by one that goes on at the first word which was
    not delivered. What a stand-in says is marked as one, unless the first voice can never say it:
    then it is what the caller always hears, and worth keeping.
    """

    def __init__(
        self, voices: Sequence[Candidate[TextToSpeech]], board: Board, *, hedge: float | None = None
    ) -> None:
        self.name, self.settings_key = voices[0].name, voices[0].provider.settings_key
        self._voices = voices
        self._board = board
        self._hedge = hedge

    async def warm(self) -> None:
        await self._board.warm(self._voices)

    async def close(self) -> None:
        for each in self._voices:
            await each.provider.close()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Nothing for a text without a letter or digit."""
        if not _SPEAKABLE.search(text):
            return
        candidates = self._order(voice.language)
        first = self._voices[0].health
        able = [each.health for each in self._voices if each.health.serves(voice.language)]
        usual = able[0] if able else first
        work = _Utterance(text, voice, usual)
        async with closing(Delivery(work, candidates, self._hedge).pieces()) as chunks:
            async for chunk in chunks:
                yield chunk

    def _order(self, language: str) -> Sequence[Candidate[TextToSpeech]]:
        """As they are listed; a call that has to be cheap gets the cheapest."""
        if len(self._voices) == 1:
            return self._voices
        purse = purse_of_asker()
        standings = [self._board.standing(each.health, language) for each in self._voices]
        choices = order(standings, thrifty=purse is not None and purse.thrifty)
        return [self._voices[choice.index] for choice in choices]


class _Utterance:
    """Work: one text, spoken."""

    def __init__(self, text: str, voice: Voice, usual: Health) -> None:
        self.language = voice.language
        self.done = False
        self._voice = voice
        self._usual = usual
        self._text = text
        self._spoken = Spoken(text)
        self._offset = 0.0
        self._continues = False

    def ask(self, candidate: Candidate[TextToSpeech], /) -> AsyncIterator[SpeechChunk]:
        # A voice's name means something to its own vendor only.
        voice = self._voice if candidate.index == 0 else replace(self._voice, name=None)
        return candidate.provider.synthesize(self._text, voice)

    def useful(self, piece: SpeechChunk, /) -> bool:
        return bool(piece.audio)

    def take(
        self, candidate: Candidate[TextToSpeech], piece: SpeechChunk, /
    ) -> Iterator[SpeechChunk]:
        self._spoken.hear(piece)
        stand_in = self._continues or self._stands_in(candidate)
        if stand_in:
            words = shifted(piece.words, self._offset)
            piece = replace(piece, words=words, stand_in=True)
        yield piece

    def finish(self) -> Iterator[SpeechChunk]:
        return iter(())

    def lost(self) -> None:
        self._offset += self._spoken.seconds
        self._continues = self._continues or self._spoken.seconds > 0.0
        self._text = self._spoken.remaining()
        self._spoken = Spoken(self._text)
        self.done = not _SPEAKABLE.search(self._text)

    def _stands_in(self, candidate: Candidate[TextToSpeech]) -> bool:
        """What the usual voice refuses to say it can never say: then this is the usual one."""
        return candidate.health is not self._usual and not self._usual.refused(self.language)
