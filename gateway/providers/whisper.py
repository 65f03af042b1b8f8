"""Whisper on this machine, by faster-whisper (a model converted for CTranslate2)."""

from collections.abc import Sequence
from pathlib import Path

import faster_whisper

from gateway.errors import ProviderRefused
from gateway.languages import base_language
from gateway.providers.base import Samples
from gateway.providers.local_ear import FAILURES, LocalEar, Read

NAME = "whisper"
MODEL_FILE = "model.bin"
TOKENIZER_FILE = "tokenizer.json"
SURE_OF_SILENCE = 0.6
"""From this probability of no speech on, a text it is not sure of either is invented."""
UNSURE = -1.0
"""The mean logarithm of a text's probability, as OpenAI's own program judges it."""


def whisper(*, model: Path, workers: int) -> LocalEar:
    """SpeechToText by the files in the folder `model`, on `workers` threads."""
    return LocalEar(NAME, lambda: load(model, workers), workers)


def load(model: Path, workers: int) -> Read:
    """Raises ProviderRefused where the folder has no model; nothing is ever downloaded."""
    for name in (MODEL_FILE, TOKENIZER_FILE):
        if not (model / name).is_file():
            raise ProviderRefused(NAME, f"there is no {name} in {model}")
    try:
        recognizer = faster_whisper.WhisperModel(
            str(model),
            device="cpu",
            compute_type="int8",
            cpu_threads=1,
            num_workers=workers,
            local_files_only=True,
        )
    except FAILURES as error:
        reason = f"the model in {model} cannot be loaded ({type(error).__name__})"
        raise ProviderRefused(NAME, reason) from error

    def read(samples: Samples, code: str, keyterms: Sequence[str]) -> str:
        language = base_language(code)
        if language != "en" and not recognizer.model.is_multilingual:
            raise ProviderRefused(NAME, f"the model in {model} understands English only")
        segments, _ = recognizer.transcribe(
            samples,
            language=language,
            beam_size=1,
            without_timestamps=True,
            condition_on_previous_text=False,
            hotwords=", ".join(keyterms) or None,
        )
        heard = [
            segment.text
            for segment in segments
            if segment.no_speech_prob < SURE_OF_SILENCE or segment.avg_logprob > UNSURE
        ]
        return "".join(heard).strip()

    return read
