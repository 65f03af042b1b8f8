"""A classic voice for the day the embedded one fails: flite or espeak-ng, as a program.

Run as a program of its own for each sentence, flite (BSD-like) and espeak-ng (GPL-3.0) stay
outside of this process: whatever happens in them, the call goes on. The text goes in by standard
input, where no process list shows it.
"""

import asyncio
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.languages import base_language
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice

NAME = "classic"
MOST_PROGRAMS = 4
LONGEST_RUN = 10.0
"""Seconds; flite needs about 50 ms for a sentence."""
WORDS_PER_MINUTE = 165
AUDIBLE = 300
"""A loudest sample below this is no speech: flite is silent where it knows no letter."""
FLITE_VOICE = "rms"
"""Of flite's voices the one that was understood best over a telephone line."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to run a program of the host or of a folder with its own dynamic loader."""

    name: str
    command: tuple[str, ...]

    def arguments(self, voice: Voice, sound: str) -> tuple[str, ...]:
        """Read text from standard input and write a WAV file to the path `sound`."""
        if self.name == "flite":
            stretch = f"duration_stretch={1 / voice.speed:.2f}"
            return ("-voice", FLITE_VOICE, "--setf", stretch, "-f", "/dev/stdin", "-o", sound)
        pace = str(round(WORDS_PER_MINUTE * voice.speed))
        return ("-v", voice.language.lower(), "-s", pace, "-b", "1", "--stdin", "-w", sound)

    def speaks(self, language: str) -> bool:
        return self.name != "flite" or base_language(language) == "en"


class Classic:
    """TextToSpeech by the first of flite and espeak-ng that is there and speaks the language.

    `bundle` is a folder flite was unpacked into without root (`gateway.lab.archive`), if any.
    """

    name = NAME
    settings_key = f"{NAME}:{FLITE_VOICE}"

    def __init__(self, *, bundle: Path | None = None) -> None:
        self._bundle = bundle
        self._turns = asyncio.Semaphore(MOST_PROGRAMS)

    async def warm(self) -> None:
        """Raises ProviderRefused if there is no program to speak with."""
        if not self.programs():
            fix = "install flite, or run `voice-gateway prepare`"
            raise ProviderRefused(NAME, f"neither flite nor espeak-ng is here: {fix}")

    async def close(self) -> None:
        """Nothing is shared between calls."""

    def programs(self) -> tuple[Program, ...]:
        """What there is to speak with, the better first."""
        flite = unpacked(self._bundle, "usr/bin/flite") if self._bundle else None
        found = {name: shutil.which(name) for name in ("flite", "espeak-ng")}
        commands: dict[str, tuple[str, ...]] = {
            name: (path,) for name, path in found.items() if path is not None
        }
        if flite is not None and "flite" not in commands:
            commands = {"flite": flite, **commands}
        return tuple(Program(name, command) for name, command in commands.items())

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """One chunk. Closing the iterator ends the program.

        Raises ProviderRefused if no program speaks the language, ProviderUnavailable if it fails.
        """
        able = (program for program in self.programs() if program.speaks(voice.language))
        program = next(able, None)
        if program is None:
            raise ProviderRefused(NAME, f"no program here speaks {voice.language}")
        async with self._turns:
            with tempfile.TemporaryFile() as sound:
                await _run(program, text, voice, sound)
                chunk = _read(program, sound)
        yield chunk


def unpacked(root: Path, program: str) -> tuple[str, ...] | None:
    """The command that runs a program of an unpacked Debian tree by that tree's own loader."""
    loader = next(root.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"), None)
    if loader is None or not (root / program).is_file():
        return None
    return (str(loader), "--library-path", str(loader.parent), str(root / program))


async def _run(program: Program, text: str, voice: Voice, sound: BinaryIO) -> None:
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
        raise ProviderTimeout(NAME, f"{program.name} did not finish in {LONGEST_RUN} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise ProviderUnavailable(NAME, f"{program.name} failed with code {process.returncode}")


def _read(program: Program, sound: BinaryIO) -> SpeechChunk:
    sound.seek(0)
    try:
        with wave.open(sound, "rb") as recording:
            samples = recording.readframes(recording.getnframes())
            rate, width = recording.getframerate(), recording.getsampwidth()
            channels = recording.getnchannels()
    except (wave.Error, EOFError):
        raise ProviderUnavailable(NAME, f"{program.name} made no sound of the text") from None
    loudest = np.abs(np.frombuffer(samples, "<i2"), dtype=np.float32).max(initial=0)
    if (width, channels) != (2, 1) or loudest < AUDIBLE:
        raise ProviderUnavailable(NAME, f"{program.name} made no sound of the text")
    return SpeechChunk(samples, AudioFormat(Encoding.PCM_S16, rate))
