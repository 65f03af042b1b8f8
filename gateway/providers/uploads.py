"""An ear for recognisers that take a whole recording and stream nothing.

The turn machine cuts: at a pause the segment so far is uploaded in advance, and if the turn is
over there, that was the last upload. If the caller goes on, the next pause uploads all of it
again and the upload before is cancelled. What is quieter than any telephone line is not uploaded.
"""

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gateway.errors import ProviderError, ProviderTimeout
from gateway.providers.base import Expectation, Samples, Transcript
from gateway.providers.results import Results

ANSWER_SECONDS = 10.0
"""From the begin of an upload to its text."""
LONGEST_SECONDS = 30
SILENT = 0.002
"""No sample of real speech is this quiet throughout; recognisers invent words for silence."""
FULL_SCALE = 32767.0
WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
PCM, MONO, SAMPLE_BYTES = 1, 1, 2

Recognise: TypeAlias = Callable[[bytes], Awaitable[str]]
"""The text of a WAV file. Raises ProviderError."""


def wav_of(samples: Samples, rate: int) -> bytes:
    """A WAV file of 16-bit samples (RIFF, Multimedia Programming Interface 1.0)."""
    linear = np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE).astype("<i2")
    size = SAMPLE_BYTES * len(linear)
    form = (PCM, MONO, rate, SAMPLE_BYTES * rate, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    header = WAV_HEADER.pack(
        b"RIFF", WAV_HEADER.size - 8 + size, b"WAVE", b"fmt ", 16, *form, b"data", size
    )
    return b"".join((header, linear.tobytes()))


@asynccontextmanager
async def uploading(
    name: str, recognise: Recognise, rate: int, least_billed: float = 0.0
) -> AsyncIterator["UploadTranscriber"]:
    """One call's ear, by a provider of this `name`. Leaving it cancels all uploads.

    `least_billed` is how many seconds every upload costs at least.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            transcriber = UploadTranscriber(name, recognise, rate, least_billed, tasks)
            try:
                yield transcriber
            finally:
                transcriber.close()
    except BaseExceptionGroup as group:
        # the call's own error goes through as it came, not as a group of one
        raise group.exceptions[0] from group.exceptions[0].__cause__


@dataclass(slots=True, eq=False)
class Upload:
    """A segment so far, on its way; `text` once it is known. Times are seconds of the segment."""

    segment: int
    until: float
    final: bool = False
    text: str | None = None
    task: asyncio.Task[None] | None = None


class UploadTranscriber:
    """One call's ear; see `Transcriber`. `billed_seconds` is what was uploaded so far."""

    def __init__(
        self,
        name: str,
        recognise: Recognise,
        rate: int,
        least_billed: float,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.dropped_seconds = 0.0
        self.billed_seconds = 0.0
        self._name = name
        self._recognise = recognise
        self._rate = rate
        self._least_billed = least_billed
        self._tasks = tasks
        self._segments = 0
        self._open = False
        self._audio: deque[Samples] = deque()
        self._held = 0
        self._fed = 0
        self._latest: Upload | None = None
        self._asked: deque[Upload] = deque()
        self._results = Results()

    def expect(self, expected: Expectation | None, /) -> None:
        """These recognisers take no such hint."""

    def begin(self) -> int:
        self.end()
        self._segments += 1
        self._open = not self._results.closed
        self._audio.clear()
        self._held = self._fed = 0
        self._latest = None
        return self._segments

    def feed(self, samples: Samples, /) -> None:
        if not self._open:
            return
        self._audio.append(samples)
        self._held += len(samples)
        self._fed += len(samples)
        while self._held > LONGEST_SECONDS * self._rate:
            dropped = len(self._audio.popleft())
            self._held -= dropped
            self.dropped_seconds += dropped / self._rate

    def pause(self) -> None:
        if self._open:
            self._upload(final=False)

    def end(self) -> None:
        """The upload of the last pause is the final one; without any pause it begins now."""
        if not self._open:
            return
        self._open = False
        if (latest := self._latest) is None:
            self._upload(final=True)
        else:
            latest.final = True
            if latest.text is not None and latest not in self._asked:
                self._publish(latest, latest.text)
        self._audio.clear()

    def transcripts(self) -> AsyncIterator[Transcript]:
        return self._results.read()

    def close(self) -> None:
        """Cancel all uploads; `transcripts` ends."""
        self._results.close()
        self._open = False
        for upload in self._asked:
            _cancel(upload)

    def _upload(self, *, final: bool) -> None:
        """What the caller said after it is in this one, so the one before is not needed."""
        if (before := self._latest) is not None and before in self._asked:
            self._asked.remove(before)
            _cancel(before)
        samples = np.concatenate(self._audio) if self._audio else np.zeros(0, np.float32)
        upload = self._latest = Upload(self._segments, self._fed / self._rate, final)
        self._asked.append(upload)
        if not len(samples) or np.abs(samples).max() < SILENT:
            self._understood(upload, "")
            return
        self.billed_seconds += max(len(samples) / self._rate, self._least_billed)
        upload.task = self._tasks.create_task(self._understand(upload, samples))

    async def _understand(self, upload: Upload, samples: Samples) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                text = await self._recognise(wav_of(samples, self._rate))
        except TimeoutError:
            self._results.put(ProviderTimeout(self._name, "no text in time"))
        except ProviderError as error:
            self._results.put(error)
        else:
            self._understood(upload, text)

    def _understood(self, upload: Upload, text: str) -> None:
        """Hand out what is ready, in the order in which it was asked for."""
        upload.text = text
        while self._asked and (ready := self._asked[0].text) is not None:
            self._publish(self._asked.popleft(), ready)

    def _publish(self, upload: Upload, text: str) -> None:
        self._results.put(Transcript(text, upload.segment, upload.until, upload.final))


def _cancel(upload: Upload) -> None:
    if upload.task is not None:
        upload.task.cancel()
