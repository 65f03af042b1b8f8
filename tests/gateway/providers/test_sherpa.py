"""sherpa-onnx: the real engine with the embedded model's own files, and what it loads otherwise."""

import base64
import shutil
import sys
from pathlib import Path
from unittest.mock import create_autospec

import numpy as np
import pytest
import sherpa_onnx

from gateway.config import SherpaFamily
from gateway.errors import ProviderRefused
from gateway.providers import moonshine_weights
from gateway.providers.base import Transcript
from gateway.providers.moonshine_decoder import read_vocabulary
from gateway.providers.sherpa import FAMILIES, load, sherpa
from gateway.providers.weights import locate
from tests.gateway.providers.conftest import Say


@pytest.fixture(scope="session")
def moonshine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The vendor's files, with their tokens as sherpa-onnx wants them."""
    folder = tmp_path_factory.mktemp("moonshine")
    for weights in (moonshine_weights.ENCODER, moonshine_weights.DECODER):
        file = locate(weights)
        (folder / file.name).symlink_to(file)
    tokens = read_vocabulary(locate(moonshine_weights.TOKENIZER))
    lines = (f"{base64.b64encode(token).decode()} {id}\n" for id, token in enumerate(tokens))
    (folder / "tokens.txt").write_text("".join(lines), "utf-8")
    return folder


async def test_the_real_engine_hears_a_sentence(
    moonshine: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.uploads.ANSWER_SECONDS", 100.0)
    ear = sherpa(model=moonshine, family=SherpaFamily.MOONSHINE, workers=1)
    await ear.warm()
    heard: list[Transcript] = []
    async with ear.open(language="en-US") as transcriber:
        transcriber.begin()
        transcriber.feed(say("I would like to make an appointment on Monday."))
        transcriber.pause()
        transcriber.end()
        async for transcript in transcriber.transcripts():
            heard.append(transcript)
            if transcript.final:
                break
    await ear.close()
    assert "appointment on monday" in heard[-1].text.lower()


async def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "encoder_model.ort").touch()
    ear = sherpa(model=tmp_path, family=SherpaFamily.MOONSHINE, workers=1)
    with pytest.raises(ProviderRefused, match=r"there is no decoder\*\.ort in"):
        await ear.warm()
    await ear.close()


async def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokens.txt"):
        (tmp_path / name).write_text("private words")
    ear = sherpa(model=tmp_path, family=SherpaFamily.MOONSHINE, workers=1)
    with pytest.raises(ProviderRefused, match="cannot be loaded") as caught:
        await ear.warm()
    await ear.close()
    assert "private words" not in str(caught.value)


@pytest.mark.parametrize("name", SherpaFamily)
def test_every_family_is_loaded_as_the_engine_wants_it(
    name: SherpaFamily, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against the engine's own signature; the quantised file is taken where there are two."""
    family = FAMILIES[name]
    for pattern in family.files.values():
        for variant in (pattern.replace("*", ""), pattern.replace("*", ".int8")):
            (tmp_path / variant).touch()
    genuine = getattr(sherpa_onnx.OfflineRecognizer, family.load)
    loaded = create_autospec(genuine)
    monkeypatch.setattr(sherpa_onnx.OfflineRecognizer, family.load, loaded)
    monkeypatch.setattr(sys, "executable", shutil.which("true"))  # nothing to be tried
    loaded.return_value.create_stream.return_value.result.text = " good morning "
    read = load(tmp_path, family)
    assert read(np.zeros(160, np.float32), "en", ()) == "good morning"
    asked = loaded.call_args.kwargs
    assert asked.pop("num_threads") == 1
    for argument, file in asked.items():
        assert Path(file).is_file()
        assert ("int8" in file) == ("*" in family.files[argument])
