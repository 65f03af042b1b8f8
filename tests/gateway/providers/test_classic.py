"""The classic voice, by a program that stands in for flite."""

import stat
from pathlib import Path

import pytest

from gateway.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from gateway.providers import classic
from gateway.providers.base import Encoding, SpeechChunk, Voice
from gateway.providers.classic import ESPEAK, Classic, unpacked

SPEAKS = """#!/usr/bin/env python3
import sys, wave
text = sys.stdin.read()
assert text not in " ".join(sys.argv)
with wave.open(sys.argv[sys.argv.index("OUT") + 1], "wb") as sound:
    sound.setnchannels(1)
    sound.setsampwidth(2)
    sound.setframerate(16000)
    sound.writeframes(b"\\0\\x10" * 100 * len(text) if "é" not in text else b"\\0\\0" * 50)
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH to put programs on."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda name: _which(tmp_path, name))
    return tmp_path


def _which(folder: Path, name: str) -> str | None:
    return str(folder / name) if (folder / name).exists() else None


def install(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


async def speak(voice: Classic, text: str, how: Voice | None = None) -> SpeechChunk:
    (chunk,) = [chunk async for chunk in voice.synthesize(text, how or Voice("en-US"))]
    return chunk


async def test_a_sentence_comes_out_of_the_program(path: Path) -> None:
    install(path, "flite", SPEAKS.replace("OUT", "-o"))
    voice = Classic()
    await voice.warm()
    chunk = await speak(voice, "Hello.")
    assert (chunk.format.encoding, chunk.format.rate) == (Encoding.PCM_S16, 16_000)
    assert len(chunk.audio) == 200 * len("Hello.\n")


async def test_another_language_needs_espeak(path: Path) -> None:
    install(path, "flite", SPEAKS.replace("OUT", "-o"))
    with pytest.raises(ProviderRefused, match="no program here speaks de-DE"):
        await speak(Classic(), "Hallo.", Voice("de-DE"))
    install(path, "espeak-ng", SPEAKS.replace("OUT", "-w"))
    assert (await speak(Classic(), "Hallo.", Voice("de-DE"))).audio


async def test_without_any_program_it_says_what_to_install(path: Path) -> None:
    with pytest.raises(ProviderRefused, match="install flite"):
        await Classic(bundles={"flite": path / "nothing"}).warm()


async def test_silence_is_a_failure(path: Path) -> None:
    install(path, "flite", SPEAKS.replace("OUT", "-o"))
    with pytest.raises(ProviderUnavailable, match="no sound"):
        await speak(Classic(), "é")


@pytest.mark.parametrize(
    ("script", "message"),
    [("#!/bin/sh\nexit 3\n", "failed with code 3"), ("#!/bin/sh\ncat >/dev/null\n", "no sound")],
)
async def test_a_program_that_fails_is_a_failure(path: Path, script: str, message: str) -> None:
    install(path, "flite", script)
    with pytest.raises(ProviderUnavailable, match=message):
        await speak(Classic(), "Hello.")


async def test_a_program_that_hangs_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic, "LONGEST_RUN", 0.05)
    install(path, "flite", "#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(ProviderTimeout):
        await speak(Classic(), "Hello.")


def test_an_unpacked_program_runs_by_its_own_loader(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    assert unpacked(tmp_path, "usr/bin/flite") is None
    (libraries / "ld-linux-x86-64.so.2").touch()
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/flite").touch()
    assert unpacked(tmp_path, "usr/bin/flite") == (
        str(libraries / "ld-linux-x86-64.so.2"),
        "--library-path",
        str(libraries),
        str(tmp_path / "usr/bin/flite"),
    )


async def test_libraries_in_folders_of_their_own_are_found(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    (libraries / "pulseaudio").mkdir(parents=True)
    for file in ("ld-linux-x86-64.so.2", "pulseaudio/libpulsecommon.so"):
        (libraries / file).touch()
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/espeak-ng").touch()
    command = unpacked(tmp_path, "usr/bin/espeak-ng")
    assert command is not None
    assert command[2] == f"{libraries}:{libraries / 'pulseaudio'}"


@pytest.mark.usefixtures("path")
async def test_espeak_alone_says_what_to_install() -> None:
    voice = Classic("espeak", programs=(ESPEAK,))
    with pytest.raises(ProviderRefused, match="espeak: espeak-ng not here: install espeak-ng"):
        await voice.warm()
