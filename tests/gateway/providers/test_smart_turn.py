"""Whisper's picture of sound, and a model that judges it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from gateway.errors import ProviderRefused
from gateway.providers.base import Samples
from gateway.providers.smart_turn import MODEL, RATE, SmartTurn, log_mel


def tone(hertz: float, seconds: float) -> Samples:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * hertz * times).astype(np.float32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Answers the mean of the last column, squeezed into 0…1: how loud the end is."""
    nodes = [
        helper.make_node("Gather", ["picture", "last"], ["end"], axis=2),
        helper.make_node("ReduceMean", ["end"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Sigmoid", ["mean"], ["answer"]),
    ]
    graph = helper.make_graph(
        nodes,
        "end",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 80, 800])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1])],
        [helper.make_tensor("last", TensorProto.INT64, [], [799])],
    )
    path = tmp_path / "model.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(made, path)
    return path


@pytest.mark.parametrize("seconds", [0.1, 3.0, 8.0, 20.0])
def test_the_picture_has_eight_seconds_whatever_was_said(seconds: float) -> None:
    picture = log_mel(tone(440, seconds))
    assert picture.shape == (80, 800)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()


def test_what_was_said_last_stands_at_the_end() -> None:
    picture = log_mel(np.concatenate((np.zeros(RATE, np.float32), tone(440, 1.0))))
    assert picture[:, 750].max() > picture[:, 600].max() + 0.5
    assert picture[:, :690].max() == pytest.approx(picture.min())


def test_higher_tones_stand_in_higher_bands_however_loud_they_are() -> None:
    bands = [int(log_mel(tone(hertz, 2.0))[:, 750].argmax()) for hertz in (200, 700, 2000, 6000)]
    assert bands == sorted(set(bands))
    quiet = log_mel(tone(700, 2.0) * np.float32(0.01))
    assert np.allclose(quiet, log_mel(tone(700, 2.0)), atol=0.02)


async def test_a_model_judges_the_end(model: Path) -> None:
    sense = SmartTurn(model)
    await sense.warm()
    ended = await sense.finished(np.concatenate((tone(440, 1.0), np.zeros(RATE, np.float32))))
    going_on = await sense.finished(tone(440, 2.0))
    assert 0.0 < ended < going_on < 1.0


async def test_without_its_weights_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.weights.importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ProviderRefused, match=MODEL.distribution):
        await SmartTurn().warm()
