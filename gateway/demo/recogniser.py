"""What a recording says, by a speech recogniser of our own: the same model the gateway uses."""

from pathlib import Path

import soxr

from gateway.demo.talkspurts import RATE, Samples
from gateway.providers.moonshine import Moonshine

LANGUAGE = "en-US"


class Recogniser:
    """Loading takes about a second, the first time on a machine ten."""

    def __init__(self, cache: Path) -> None:
        self._provider = Moonshine(cache=cache, workers=1)

    async def load(self) -> None:
        await self._provider.warm()

    async def words(self, samples: Samples) -> str:
        """The words in 8 kHz `samples` of at most half a minute; empty if there are none."""
        wide = soxr.resample(samples, RATE, self._provider.rate)
        async with self._provider.open(language=LANGUAGE) as ear:
            ear.begin()
            ear.feed(wide)
            ear.end()
            async for transcript in ear.transcripts():
                if transcript.final:
                    return transcript.text
        return ""
