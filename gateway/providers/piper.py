"""Piper's voices on this machine, in as many processes as speak at once.

Piper's engine is under the GPL, version 3: it runs in processes of its own (`piper_program`),
which the gateway talks to through pipes and does not link with. A process keeps its voice loaded;
one that fails is ended and another one begun.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.providers import piper_program
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.piper_program import BLOCK, Kind

NAME = "piper"
SENTENCE_SECONDS = 30.0
"""To load a voice and speak a sentence with it."""
QUICKEST, SLOWEST = 0.5, 2.0
GREETING = "Hello."


class Piper:
    """TextToSpeech with the voice in the file `voice`, in `processes` processes at most.

    A call may name another voice in the same folder (`en_GB-alba-medium`).
    """

    name = NAME

    def __init__(self, *, voice: Path, processes: int) -> None:
        if find_spec("piper") is None:
            raise ModuleNotFoundError(name="piper")
        self._voice = voice
        self._turns = asyncio.Semaphore(processes)
        self._idle: deque[_Worker] = deque()
        self.settings_key = f"{NAME}:{voice.name}"

    async def warm(self) -> None:
        """Load the voice. Raises ProviderRefused if there is none."""
        async for _ in self.synthesize(GREETING, Voice("en-US")):
            pass

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """A chunk for each sentence, as it is made.

        Raises ProviderRefused where the voice is not there, ProviderUnavailable where it fails.
        """
        if not text.strip():
            return
        request = {
            "voice": str(self._file(voice)),
            "text": " ".join(text.split()),
            "length": str(min(max(1 / voice.speed, QUICKEST), SLOWEST)),
        }
        async with self._turns, self._working() as worker:
            async for chunk in worker.speak(request):
                yield chunk

    async def close(self) -> None:
        """End all processes."""
        while self._idle:
            await self._idle.popleft().end()

    def _file(self, voice: Voice) -> Path:
        file = self._voice if voice.name is None else self._voice.with_name(f"{voice.name}.onnx")
        for needed in (file, file.with_name(f"{file.name}.json")):
            if not needed.is_file():
                raise ProviderRefused(NAME, f"there is no voice {needed}")
        return file

    @asynccontextmanager
    async def _working(self) -> AsyncIterator["_Worker"]:
        """A process for one request. What was cancelled in it is let run out by the next one,
        which is quicker than loading the voice anew."""
        worker = self._idle.pop() if self._idle else await _Worker.begin()
        try:
            yield worker
        finally:
            if worker.broken:
                await worker.end()
            else:
                self._idle.append(worker)


class _Worker:
    """One process, for one request at a time."""

    def __init__(self, process: Process) -> None:
        self.broken = False
        self._process = process
        self._owing = False
        self._head: tuple[bytes, int, int] | None = None

    @classmethod
    async def begin(cls) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", piper_program.__name__),
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return cls(process)

    async def speak(self, request: Mapping[str, str]) -> AsyncIterator[SpeechChunk]:
        assert self._process.stdin is not None
        try:
            while self._owing:
                await self._block()
            self._owing = True
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            while self._owing:
                match await self._block():
                    case Kind.AUDIO, rate, audio:
                        yield SpeechChunk(audio, AudioFormat(Encoding.PCM_S16, rate))
                    case Kind.FAILED, _, reason:
                        words = reason.decode("ascii", "replace")
                        raise ProviderUnavailable(NAME, f"the voice cannot say this ({words})")
                    case _:
                        pass
        except TimeoutError:
            self.broken = True
            raise ProviderTimeout(NAME, "no sound in time") from None
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            self.broken = True
            raise ProviderUnavailable(NAME, "its process ended") from None

    async def _block(self) -> tuple[Kind, int, bytes]:
        """The next block. One whose reading is cancelled is read by the next call."""
        assert self._process.stdout is not None
        async with asyncio.timeout(SENTENCE_SECONDS):
            if self._head is None:
                head = await self._process.stdout.readexactly(BLOCK.size)
                self._head = BLOCK.unpack(head)
            kind, number, size = self._head
            content = await self._process.stdout.readexactly(size)
        self._head = None
        self._owing = kind == Kind.AUDIO.value
        return Kind(kind), number, content

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
