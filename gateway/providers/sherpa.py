"""Models of the sherpa-onnx family on this machine (k2-fsa.github.io/sherpa/onnx).

The engine ends its whole process over some files that it cannot read (2.0.1 does so over a bad
line in tokens.txt). So a model is loaded once in another process first.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sherpa_onnx

from gateway.config import SherpaFamily
from gateway.errors import ProviderRefused
from gateway.providers.base import Samples
from gateway.providers.local_ear import RATE, LocalEar, Read

NAME = "sherpa"
QUANTISED = "int8"
LOAD_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Family:
    """The engine's function that loads it, and the file for each of its arguments."""

    load: str
    files: Mapping[str, str]


FAMILIES: Mapping[SherpaFamily, Family] = {
    SherpaFamily.MOONSHINE: Family(
        "from_moonshine_v2",
        {"encoder": "encoder*.ort", "decoder": "decoder*.ort", "tokens": "tokens.txt"},
    ),
    SherpaFamily.TRANSDUCER: Family(
        "from_transducer",
        {
            "encoder": "encoder*.onnx",
            "decoder": "decoder*.onnx",
            "joiner": "joiner*.onnx",
            "tokens": "tokens.txt",
        },
    ),
    SherpaFamily.NEMO_CTC: Family(
        "from_nemo_ctc", {"model": "model*.onnx", "tokens": "tokens.txt"}
    ),
    SherpaFamily.PARAFORMER: Family(
        "from_paraformer", {"paraformer": "model*.onnx", "tokens": "tokens.txt"}
    ),
    SherpaFamily.SENSE_VOICE: Family(
        "from_sense_voice", {"model": "model*.onnx", "tokens": "tokens.txt"}
    ),
}


def sherpa(*, model: Path, family: SherpaFamily, workers: int) -> LocalEar:
    """SpeechToText by the files in the folder `model`, which are of the `family`."""
    return LocalEar(NAME, lambda: load(model, FAMILIES[family]), workers)


def load(model: Path, family: Family) -> Read:
    """Raises ProviderRefused where a file is missing or is none of the family."""
    files = {argument: str(_file(model, pattern)) for argument, pattern in family.files.items()}
    _try(model, family, files)
    recognizer = _recognizer(family.load, files)

    def read(samples: Samples, _code: str, _keyterms: Sequence[str]) -> str:
        stream = recognizer.create_stream()
        stream.accept_waveform(RATE, samples)
        recognizer.decode_stream(stream)
        return str(stream.result.text).strip()

    return read


def _try(model: Path, family: Family, files: Mapping[str, str]) -> None:
    """Raises ProviderRefused where the engine ends, in whatever way."""
    command = (sys.executable, "-m", __name__, family.load, json.dumps(files))
    try:
        done = subprocess.run(command, capture_output=True, timeout=LOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ProviderRefused(NAME, f"the model in {model} takes too long to load") from None
    if done.returncode != 0:
        raise ProviderRefused(NAME, f"the model in {model} cannot be loaded as it is named")


def _recognizer(load: str, files: Mapping[str, str]) -> sherpa_onnx.OfflineRecognizer:
    return getattr(sherpa_onnx.OfflineRecognizer, load)(**files, num_threads=1)


def _file(folder: Path, pattern: str) -> Path:
    """The file like `pattern`; the quantised one where there are several."""
    found = sorted(folder.glob(pattern), key=lambda file: (QUANTISED not in file.name, file.name))
    if not found:
        raise ProviderRefused(NAME, f"there is no {pattern} in {folder}")
    return found[0]


if __name__ == "__main__":
    _recognizer(sys.argv[1], json.loads(sys.argv[2]))
