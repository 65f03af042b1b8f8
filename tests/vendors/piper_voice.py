"""A voice for Piper that is made here: real files, which say every phoneme as 20 ms of a tone."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE = 16_000
SAMPLES = 320
PHONEMES = "_^$ abcdefghijklmnopqrstuvwxyzæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒθˈˌːᵻɫ.,!?"  # noqa: RUF001 - phonetics


def make(folder: Path, name: str = "tone") -> Path:
    """The .onnx file of a voice below `folder`, with its .json."""
    ids = {phoneme: [index] for index, phoneme in enumerate(PHONEMES)}
    about = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "num_symbols": len(ids),
        "num_speakers": 1,
        "phoneme_id_map": ids,
    }
    file = folder / f"{name}.onnx"
    file.with_name(f"{file.name}.json").write_text(json.dumps(about), "utf-8")
    onnx.save(_model(), file)
    return file


def _model() -> onnx.ModelProto:
    """As many tones as there are phonemes, however they are called."""
    tone = np.sin(2 * np.pi * 440 * np.arange(SAMPLES) / RATE).astype(np.float32)
    constants = [
        numpy_helper.from_array(tone.reshape(1, SAMPLES), "tone"),
        numpy_helper.from_array(np.array([1, 1, 1, -1], np.int64), "flat"),
        numpy_helper.from_array(np.array([-1, 1], np.int64), "column"),
        numpy_helper.from_array(np.array(0, np.float32), "zero"),
    ]
    nodes = [
        helper.make_node("Cast", ["input"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "zero"], ["zeros"]),
        helper.make_node("Reshape", ["zeros", "column"], ["rows"]),
        helper.make_node("Add", ["rows", "tone"], ["tones"]),
        helper.make_node("Reshape", ["tones", "flat"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "voice",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "m"])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
