"""Voices of other programs on this machine: the real programs."""

import pytest

from gateway.lab import archive
from gateway.providers.base import AudioFormat, Encoding, Voice
from gateway.providers.classic import ESPEAK, Classic


@pytest.mark.parametrize("language", ["de-DE", "pt-BR", "zh-CN", "ru-RU", "hi-IN"])
async def test_espeak_from_the_archive_speaks(language: str) -> None:
    """The real program, brought without root as `voice-gateway prepare` does."""
    voice = Classic(
        "espeak", programs=(ESPEAK,), bundles={ESPEAK: archive.bring(archive.ESPEAK).path}
    )
    await voice.warm()
    (chunk,) = [each async for each in voice.synthesize("1, 2, 3", Voice(language))]
    assert chunk.format == AudioFormat(Encoding.PCM_S16, 22_050)
    seconds = len(chunk.audio) / 2 / chunk.format.rate
    assert 0.5 < seconds < 5.0
