"""A Whisper model that is made here: real files, which hear "hello world" in whatever it is.

Every layer passes on what it gets; the last one names, for each token, the one that follows it.
"""

import json
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, model_spec
from ctranslate2.specs.whisper_spec import WhisperSpec
from numpy.typing import NDArray
from tokenizers.pre_tokenizers import ByteLevel

WIDTH = 320
MELS = 80
LONGEST = 448
FRAMES = 1500
HELLO, WORLD = "Ġhello", "Ġworld"
SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
TIMES = tuple(f"<|{index * 0.02:.2f}|>" for index in range(4))
LETTERS = sorted(ByteLevel.alphabet())
TOKENS = (HELLO, WORLD, *LETTERS, *SPECIAL, *TIMES)
FOLLOWS = {HELLO: WORLD, WORLD: "<|endoftext|>"}
"""After everything else comes HELLO."""


def make(folder: Path) -> Path:
    """The files of the model, below `folder`."""
    spec = WhisperSpec(1, 1, 1, 1)
    _fill(spec)
    spec.register_vocabulary(list(TOKENS))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = []
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()), "utf-8")
    return folder


def _fill(spec: WhisperSpec) -> None:
    encoder, decoder = spec.encoder, spec.decoder
    _linear(encoder.conv1, (WIDTH, MELS, 3))
    _linear(encoder.conv2, (WIDTH, WIDTH, 3))
    encoder.position_encodings.encodings = _zeros(FRAMES, WIDTH)
    decoder.position_encodings.encodings = _zeros(LONGEST, WIDTH)
    decoder.embeddings.weight = np.eye(len(TOKENS), WIDTH, dtype=np.float32)
    decoder.projection.weight = _next()
    for norm in (encoder.layer_norm, decoder.layer_norm):
        _norm(norm)
    for layer in (*encoder.layer, *decoder.layer):
        _layer(layer)


def _layer(layer: model_spec.LayerSpec) -> None:
    attention = layer.self_attention
    _norm(attention.layer_norm)
    _linear(attention.linear[0], (3 * WIDTH, WIDTH))
    _linear(attention.linear[1], (WIDTH, WIDTH))
    if hasattr(layer, "attention"):
        _norm(layer.attention.layer_norm)
        for linear, height in zip(layer.attention.linear, (1, 2, 1), strict=True):
            _linear(linear, (height * WIDTH, WIDTH))
    _norm(layer.ffn.layer_norm)
    _linear(layer.ffn.linear_0, (WIDTH, WIDTH))
    _linear(layer.ffn.linear_1, (WIDTH, WIDTH))


def _linear(spec: common_spec.LinearSpec, shape: tuple[int, ...]) -> None:
    spec.weight = _zeros(*shape)
    spec.bias = _zeros(shape[0])


def _norm(spec: common_spec.LayerNormSpec) -> None:
    spec.gamma = np.ones(WIDTH, np.float32)
    spec.beta = _zeros(WIDTH)


def _next() -> NDArray[np.float32]:
    """Row by row the tokens, column by column what they follow."""
    weight = _zeros(len(TOKENS), WIDTH)
    for column, token in enumerate(TOKENS):
        weight[TOKENS.index(FOLLOWS.get(token, HELLO)), column] = 10.0
    return weight


def _zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, np.float32)


def _tokenizer() -> dict[str, object]:
    """As Hugging Face's library reads it: byte-level, without merges."""
    added = [
        {
            "id": TOKENS.index(token),
            "content": token,
            "special": token in SPECIAL,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
        }
        for token in (*SPECIAL, *TIMES)
    ]
    vocabulary = {token: index for index, token in enumerate(TOKENS)}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": {**level, "use_regex": True},
        "decoder": {**level, "use_regex": True},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }
