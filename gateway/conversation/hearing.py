"""The recogniser of the moment: it changes with the language of the call."""

import asyncio
from collections.abc import Callable

from gateway.conversation.listening import Listening
from gateway.conversation.means import Means
from gateway.errors import ProviderError
from gateway.providers.base import SpeechToText


class Hearing:
    """Keeps `listening` at a recogniser. `lost` is called when the one in use is gone for good."""

    def __init__(
        self, means: Means, listening: Listening, stt: SpeechToText, lost: Callable[[], None]
    ) -> None:
        self._means = means
        self._listening = listening
        self._stt = stt
        self._lost = lost
        self._other = asyncio.Event()
        """The call goes on in another language: the recogniser is to be opened anew."""

    @property
    def name(self) -> str:
        """The recogniser's."""
        return self._stt.name

    def switch(self, stt: SpeechToText) -> None:
        """Go on with `stt`, in the language that the call's facts name by now."""
        self._stt = stt
        self._other.set()

    async def run(self) -> None:
        """Listen in the language of the moment until cancelled, or until the recogniser is lost."""
        try:
            while True:
                facts, self._other = self._means.facts, asyncio.Event()
                async with asyncio.TaskGroup() as tasks:
                    words = tuple(facts.profile.people)
                    hearing = tasks.create_task(
                        self._listening.run(self._stt, facts.language, words)
                    )
                    await self._other.wait()
                    hearing.cancel()
        except* ProviderError as lost:
            self._means.record.note_failures(lost)
            self._lost()
