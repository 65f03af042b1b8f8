"""An apology needs no voice."""

from pathlib import Path

import numpy as np
import pytest

from gateway.conversation.clip import Clip
from gateway.conversation.spares import Spares
from rtp.codec import Codec

CLIP = Clip(np.full((5, 160), 7, np.uint8), np.full(5, -20, np.int8))


@pytest.mark.parametrize("codec", Codec)
def test_the_shipped_apology_is_audible_on_every_codec(codec: Codec) -> None:
    clip = Spares(codec).shipped()
    assert clip.frames.dtype == np.uint8
    assert 3.0 < len(clip) / 50 < 5.0
    assert clip.voiced.mean() > 0.6


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "spares"
    Spares(Codec.PCMU, folder).keep("Lo siento.", "es", CLIP)
    later = Spares(Codec.PCMU, folder)
    assert later.find("Lo siento.", "es") is None
    later.load("Lo siento.", "es")
    found = later.find("Lo siento.", "es")
    assert found is not None
    assert np.array_equal(found.frames, CLIP.frames)
    assert not list(folder.glob("*.part"))


def test_of_another_codec_or_language_it_is_another_one(tmp_path: Path) -> None:
    Spares(Codec.PCMU, tmp_path).keep("Lo siento.", "es", CLIP)
    other = Spares(Codec.G722, tmp_path)
    other.load("Lo siento.", "es")
    assert other.find("Lo siento.", "es") is None
    assert other.find("Sorry.", "en-GB") is other.shipped()


def test_a_broken_file_or_folder_is_as_good_as_none(tmp_path: Path) -> None:
    spares = Spares(Codec.PCMU, tmp_path)
    spares.keep("Lo siento.", "es", CLIP)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"no clip")
    later = Spares(Codec.PCMU, tmp_path)
    later.load("Lo siento.", "es")
    assert later.find("Lo siento.", "es") is None
    Spares(Codec.PCMU, file / "below a file").keep("Lo siento.", "es", CLIP)
