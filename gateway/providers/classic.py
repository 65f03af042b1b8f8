"""A classic voice for the day the embedded one fails: flite or espeak-ng, as a program.

Run as a program of its own for each sentence, flite (BSD-like) and espeak-ng (GPL-3.0) stay
outside of this process: whatever happens in them, the call goes on. The text goes in by standard
input, where no process list shows it.
"""

import asyncio
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.kinds import Kind
from gateway.languages import base_language
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.coverage import serves, vendor_code

NAME = "classic"
FLITE, ESPEAK = "flite", "espeak-ng"
MOST_PROGRAMS = 4
LONGEST_RUN = 10.0
"""Seconds; flite needs about 50 ms for a sentence, espeak-ng 15."""
WORDS_PER_MINUTE = 165
AUDIBLE = 300
"""A loudest sample below this is no speech: flite is silent where it knows no letter."""
FLITE_VOICE = "rms"
"""Of flite's voices the one that was understood best over a telephone line."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to run a program of the host or of a folder with its own dynamic loader.

    `data` is the folder espeak-ng finds its languages in, if not where it was built for.
    """

    name: str
    command: tuple[str, ...]
    data: Path | None = None

    def arguments(self, voice: Voice, sound: str) -> tuple[str, ...]:
        """Read text from standard input and write a WAV file to the path `sound`."""
        if self.name == FLITE:
            stretch = f"duration_stretch={1 / voice.speed:.2f}"
            return ("-voice", FLITE_VOICE, "--setf", stretch, "-f", "/dev/stdin", "-o", sound)
        language = (vendor_code(Kind.TTS, "espeak", voice.language) or voice.language).lower()
        pace = str(round(WORDS_PER_MINUTE * voice.speed))
        where = () if self.data is None else (f"--path={self.data}",)
        return (*where, "-v", language, "-s", pace, "-b", "1", "--stdin", "-w", sound)

    def speaks(self, language: str) -> bool:
        if self.name == FLITE:
            return base_language(language) == "en"
        return serves(Kind.TTS, "espeak", language)


class Classic:
    """TextToSpeech by the first of `programs` that is there and speaks the language.

    `bundles` are folders into which some of them were unpacked without root, if they were
    (`gateway.lab.archive`).
    """

    def __init__(
        self,
        name: str = NAME,
        *,
        programs: tuple[str, ...] = (FLITE, ESPEAK),
        bundles: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = name
        self.settings_key = f"{name}:{','.join(programs)}:{FLITE_VOICE}"
        self._wanted = programs
        self._bundles = bundles or {}
        self._turns = asyncio.Semaphore(MOST_PROGRAMS)

    async def warm(self) -> None:
        """Raises ProviderRefused if there is no program to speak with."""
        if not self.programs():
            fix = f"install {self._wanted[0]}, or run `voice-gateway prepare`"
            raise ProviderRefused(self.name, f"{' and '.join(self._wanted)} not here: {fix}")

    async def close(self) -> None:
        """Nothing stays open: every sentence is a program of its own."""

    def programs(self) -> tuple[Program, ...]:
        """What there is to speak with, the better first."""
        found = (self._found(name) for name in self._wanted)
        return tuple(program for program in found if program is not None)

    def _found(self, name: str) -> Program | None:
        if (path := shutil.which(name)) is not None:
            return Program(name, (path,))
        root = self._bundles.get(name)
        command = unpacked(root, f"usr/bin/{name}") if root is not None else None
        if root is None or command is None:
            return None
        data = next(root.glob("usr/lib/*-linux-gnu*/espeak-ng-data"), None)
        return Program(name, command, data.parent if data is not None else None)

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """One chunk. Closing the iterator ends the program.

        Raises ProviderRefused if no program speaks the language, ProviderUnavailable if it fails.
        """
        able = (program for program in self.programs() if program.speaks(voice.language))
        program = next(able, None)
        if program is None:
            raise ProviderRefused(self.name, f"no program here speaks {voice.language}")
        async with self._turns:
            with tempfile.TemporaryFile() as sound:
                await _run(self.name, program, text, voice, sound)
                chunk = _read(self.name, program, sound)
        yield chunk


def unpacked(root: Path, program: str) -> tuple[str, ...] | None:
    """The command that runs a program of an unpacked Debian tree by that tree's own loader."""
    loader = next(root.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"), None)
    if loader is None or not (root / program).is_file():
        return None
    libraries = [loader.parent, *sorted({file.parent for file in loader.parent.glob("*/*.so")})]
    path = ":".join(map(str, libraries))
    return (str(loader), "--library-path", path, str(root / program))


async def _run(name: str, program: Program, text: str, voice: Voice, sound: BinaryIO) -> None:
    """Speak into `sound`, an open file without a name: nothing is left behind."""
    handle = sound.fileno()
    process = await asyncio.create_subprocess_exec(
        *program.command,
        *program.arguments(voice, f"/dev/fd/{handle}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=(handle,),
    )
    try:
        async with asyncio.timeout(LONGEST_RUN):
            await process.communicate(f"{text}\n".encode())
    except TimeoutError:
        raise ProviderTimeout(name, f"{program.name} did not finish in {LONGEST_RUN} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise ProviderUnavailable(name, f"{program.name} failed with code {process.returncode}")


def _read(name: str, program: Program, sound: BinaryIO) -> SpeechChunk:
    sound.seek(0)
    try:
        with wave.open(sound, "rb") as recording:
            samples = recording.readframes(recording.getnframes())
            rate, width = recording.getframerate(), recording.getsampwidth()
            channels = recording.getnchannels()
    except (wave.Error, EOFError):
        raise ProviderUnavailable(name, f"{program.name} made no sound of the text") from None
    loudest = np.abs(np.frombuffer(samples, "<i2"), dtype=np.float32).max(initial=0)
    if (width, channels) != (2, 1) or loudest < AUDIBLE:
        raise ProviderUnavailable(name, f"{program.name} made no sound of the text")
    return SpeechChunk(samples, AudioFormat(Encoding.PCM_S16, rate))
