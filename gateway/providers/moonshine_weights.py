"""Moonshine base-en made fast: the vendor's files, folded, split and quantised once.

The published decoder keeps int8 weights and turns them back into floats at every token (45 ms
each), and hides two graphs in one `If`. Prepared, a token takes a fifth of that, with the same
words coming out. The vendor's files are MIT; what is prepared stays on this machine.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.providers.weights import Weights, prepared, verified

DISTRIBUTION = "moonshine_cpp==0.1.4"
ENCODER = Weights(
    "moonshine_cpp",
    DISTRIBUTION,
    "models/base-en/encoder_model.ort",
    "9d1a19e044cbf89a207723d1adb667de89a5671a1e3e611b8ebe721b2c31219c",
)
DECODER = Weights(
    "moonshine_cpp",
    DISTRIBUTION,
    "models/base-en/decoder_model_merged.ort",
    "370e0c1f161d68dc1c2264c1a82024fb123380da3b73f47f05531d1e8d3308c3",
)
TOKENIZER = Weights(
    "moonshine_cpp",
    DISTRIBUTION,
    "models/base-en/tokenizer.bin",
    "04670d78994d030185c3dd843c60591788fed0a56cc6750747bd326825f13ca9",
)
RESULT = ".result"
"""Suffix of a split model's outputs: the plain names are taken inside the branch."""

RECIPE = "1"
"""Raise when the preparation changes: a new recipe is a new folder."""


@dataclass(frozen=True, slots=True)
class MoonshineFiles:
    """The prepared model: `first` decodes the first token, `following` every later one."""

    encoder: Path
    first: Path
    following: Path
    tokenizer: Path


def prepare(cache: Path) -> MoonshineFiles:
    """The prepared files below `cache`; takes about ten seconds the first time.

    Raises ProviderRefused when the weights are missing or are not the ones we know.
    """
    folder = prepared(cache / f"moonshine-base-en-{_version()}", _make)
    return MoonshineFiles(
        encoder=folder / "encoder.onnx",
        first=folder / "first.onnx",
        following=folder / "following.onnx",
        tokenizer=folder / "tokenizer.bin",
    )


def _version() -> str:
    known = (ENCODER.sha256, DECODER.sha256, TOKENIZER.sha256, RECIPE)
    return hashlib.sha256(" ".join(known).encode()).hexdigest()[:12]


def _make(folder: Path) -> None:
    # imported late, and not by the running gateway: the graph tools are needed only this once
    from gateway.providers import moonshine_graphs as graphs

    graphs.save(graphs.fold(graphs.read_ort(verified(ENCODER), folder)), folder / "encoder.onnx")
    decoder = graphs.fold(graphs.read_ort(verified(DECODER), folder))
    branches = {"first.onnx": graphs.first_branch, "following.onnx": graphs.following_branch}
    for name, branch in branches.items():
        graphs.quantise(graphs.fold(branch(decoder)), folder / name)
    shutil.copyfile(verified(TOKENIZER), folder / "tokenizer.bin")
