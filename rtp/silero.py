"""The Silero network for 8 kHz, for many windows at once.

The published ONNX file computes its convolutions as convolutions, and whoever runs it needs the
interpreter between the runs: for so small a network time goes into everything but arithmetic. Here
the same weights are matrix products over all windows (by scipy's BLAS), and what is between them
is compiled: 11 µs a window of many instead of 31, 65 instead of 173 for a single one, and the same
result to 1e-5 (tests/rtp/test_silero.py). The file is read once, nothing is stored.

The network: a short-time Fourier transform of four half-overlapping frames, magnitudes, four
convolutions over time, an LSTM cell, and one output.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import scipy.linalg.cython_blas  # noqa: F401 - numba's matrix products are its
from numba import types
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from rtp.compiled import f4, part
from rtp.errors import UnknownModel

WINDOW = 256
CONTEXT = 32
STATE_WIDTH = 128
MOST_AT_ONCE = 32
"""Windows that go through the network together: what they need fits the cache."""

_INPUT = WINDOW + CONTEXT
_FRAME, _HOP, _FRAMES = 128, 64, 4
_BINS = _FRAME // 2 + 1
_WIDE, _NARROW = 128, 64
"""Channels of the first and last layer, and of those between."""

# For exp: 1 / ln 2, ln 2 in two parts, and Cephes' polynomial.
_PER_OCTAVE = np.float32(1.4426950408889634)
_OCTAVE_HIGH, _OCTAVE_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_LARGEST = np.float32(87.0)
_POLYNOMIAL = tuple(
    np.float32(one)
    for one in (
        1.9875691500e-4,
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    )
)
_ZERO, _ONE, _TWO = np.float32(0.0), np.float32(1.0), np.float32(2.0)

Array = NDArray[np.float32]
Rows = NDArray[np.intp]
Weights = dict[str, Array]


class Network(NamedTuple):
    """The weights, as (inputs, outputs), and what is added; those of `cell` to minus one times it.

    Of the last two layers only the taps that meet anything but padding.
    """

    basis: Array
    first: Array
    first_bias: Array
    second: Array
    second_bias: Array
    third: Array
    third_bias: Array
    fourth: Array
    fourth_bias: Array
    cell: Array
    cell_bias: Array
    last: Array
    last_bias: Array


_MATRIX, _VECTOR = f4[:, ::1], f4[::1]
NETWORK = types.NamedTuple((_MATRIX, *(_MATRIX, _VECTOR) * 5, _VECTOR, _VECTOR), Network)


NO_NETWORK = Network(*(np.zeros((0,) * one.ndim, np.float32) for one in NETWORK.types))


def read_network(model: Path) -> Network:
    """The 8 kHz network of the Silero file `model`.

    UnknownModel if the file is another network; what reading it raises passes.
    """
    weights = _weights(model)
    (first, first_bias), (second, second_bias), (third, third_bias), (fourth, fourth_bias) = (
        _convolution(weights, layer) for layer in range(4)
    )
    cell = np.concatenate(
        [weights["decoder.rnn.weight_ih"], weights["decoder.rnn.weight_hh"]], axis=1
    ).T
    network = Network(
        weights["stft.forward_basis_buffer"][:, 0, :].T,
        np.concatenate(first),
        first_bias,
        np.concatenate(second),
        second_bias,
        np.concatenate(third[1:]),
        third_bias,
        fourth[1],
        fourth_bias,
        cell,
        weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"],
        weights["decoder.decoder.2.weight"][0, :, 0],
        weights["decoder.decoder.2.bias"],
    )
    return Network(*(np.array(one, np.float32, order="C") for one in network))


def _convolution(weights: Weights, layer: int) -> tuple[Array, Array]:
    """Weights of a layer as (tap, input, output), and its bias."""
    weight = weights[f"encoder.{layer}.reparam_conv.weight"]
    return weight.transpose(2, 1, 0), weights[f"encoder.{layer}.reparam_conv.bias"]


def _weights(model: Path) -> Weights:
    """The constants of the file's 8 kHz branch, by the names they had in training."""
    branches = [
        attribute.g
        for node in onnx.load(model).graph.node
        if node.op_type == "If"
        for attribute in node.attribute
        if attribute.name == "else_branch"
    ]
    weights = {
        node.output[0].rpartition("__Inline_0__")[2]: numpy_helper.to_array(node.attribute[0].t)
        for branch in branches
        for node in branch.node
        if node.op_type == "Constant" and node.attribute[0].t.data_type == TensorProto.FLOAT
    }
    shapes = {name: weights[name].shape if name in weights else None for name in _SHAPES}
    if shapes != _SHAPES:
        raise UnknownModel(f"{model} is not the Silero network this plane knows")
    return weights


_SHAPES: dict[str, tuple[int, ...] | None] = {
    "stft.forward_basis_buffer": (2 * _BINS, 1, _FRAME),
    "encoder.0.reparam_conv.weight": (128, _BINS, 3),
    "encoder.0.reparam_conv.bias": (128,),
    "encoder.1.reparam_conv.weight": (64, 128, 3),
    "encoder.1.reparam_conv.bias": (64,),
    "encoder.2.reparam_conv.weight": (64, 64, 3),
    "encoder.2.reparam_conv.bias": (64,),
    "encoder.3.reparam_conv.weight": (128, 64, 3),
    "encoder.3.reparam_conv.bias": (128,),
    "decoder.rnn.weight_ih": (4 * STATE_WIDTH, 128),
    "decoder.rnn.weight_hh": (4 * STATE_WIDTH, STATE_WIDTH),
    "decoder.rnn.bias_ih": (4 * STATE_WIDTH,),
    "decoder.rnn.bias_hh": (4 * STATE_WIDTH,),
    "decoder.decoder.2.weight": (1, STATE_WIDTH, 1),
    "decoder.decoder.2.bias": (1,),
}


@part
def judges(network: Network, windows: Array, rows: Rows, state: Array, probability: Array) -> None:
    """The `probability` and the `state` (2, all rows, 128) of `rows` follow their windows.

    A window is 256 samples after 32 of what was before them: (rows, 288).
    """
    for start in range(0, len(rows), MOST_AT_ONCE):
        end = min(start + MOST_AT_ONCE, len(rows))
        _judge(network, windows[start:end], rows[start:end], state, probability)


@part
def _framed(windows: Array) -> Array:
    """(4 n, 128): the frames of each window, the last of which ends in its own mirror image."""
    framed = np.empty((len(windows) * _FRAMES, _FRAME), np.float32)
    for nth in range(len(windows)):
        window = windows[nth]
        for frame in range(_FRAMES):
            line, start = framed[nth * _FRAMES + frame], frame * _HOP
            there = min(_FRAME, _INPUT - start)
            for at in range(there):
                line[at] = window[start + at]
            for at in range(there, _FRAME):
                line[at] = window[2 * (_INPUT - 1) - start - at]
    return framed


@part
def _with_neighbours(spectrum: Array) -> Array:
    """(4 n, 3 * 65): the magnitudes of each frame, of the one before and of the one after."""
    joined = np.zeros((len(spectrum), 3 * _BINS), np.float32)
    for nth in range(len(spectrum)):
        line, frame = spectrum[nth], nth % _FRAMES
        for at in range(_BINS):
            real, imaginary = line[at], line[_BINS + at]
            line[at] = np.sqrt(real * real + imaginary * imaginary)
        for after in range(3):
            other = nth + 1 - after
            if 0 <= frame + 1 - after < _FRAMES:
                to = joined[other]
                for at in range(_BINS):
                    to[after * _BINS + at] = line[at]
    return joined


@part
def _every_other_with_neighbours(four: Array) -> Array:
    """(2 n, 3 * 128): the first and third of each four, with the one before and after."""
    joined = np.zeros((len(four) // 2, 3 * _WIDE), np.float32)
    for nth in range(len(joined)):
        to = joined[nth]
        for tap in range(3):
            frame = 2 * (nth % 2) + tap - 1
            if frame >= 0:
                line = four[nth // 2 * _FRAMES + frame]
                for at in range(_WIDE):
                    to[tap * _WIDE + at] = line[at]
    return joined


@part
def _activate(values: Array, bias: Array) -> None:
    for nth in range(len(values)):
        line = values[nth]
        for at in range(len(bias)):
            line[at] = max(line[at] + bias[at], _ZERO)


@part
def _exp(values: Array, whole: NDArray[np.int32], powers: Array) -> None:
    """In place, to a millionth; `whole` and `powers` are the same memory, as long."""
    for at in range(len(values)):
        value = min(max(values[at], -_LARGEST), _LARGEST)
        octaves = np.floor(value * _PER_OCTAVE + np.float32(0.5))
        whole[at] = (np.int32(octaves) + np.int32(127)) << np.int32(23)
        rest = value - octaves * _OCTAVE_HIGH
        rest = rest - octaves * _OCTAVE_LOW
        sum_ = _POLYNOMIAL[0]
        sum_ = sum_ * rest + _POLYNOMIAL[1]
        sum_ = sum_ * rest + _POLYNOMIAL[2]
        sum_ = sum_ * rest + _POLYNOMIAL[3]
        sum_ = sum_ * rest + _POLYNOMIAL[4]
        sum_ = sum_ * rest + _POLYNOMIAL[5]
        values[at] = sum_ * rest * rest + rest + _ONE
    for at in range(len(values)):
        values[at] *= powers[at]


@part
def _recur(network: Network, encoded: Array, rows: Rows, state: Array, heard: Array) -> None:
    """The LSTM cell, in PyTorch's order of gates: the new state, and what it shows to `heard`."""
    joined = np.empty((len(rows), 2 * STATE_WIDTH), np.float32)
    for nth, row in enumerate(rows):
        line = joined[nth]
        for at in range(STATE_WIDTH):
            line[at] = encoded[nth, at]
            line[STATE_WIDTH + at] = state[0, row, at]
    gates = np.dot(joined, network.cell)
    whole = np.empty(4 * STATE_WIDTH, np.int32)
    powers = whole.view(np.float32)
    bias = network.cell_bias
    for nth, row in enumerate(rows):
        gate = gates[nth]
        for at in range(4 * STATE_WIDTH):
            gate[at] = -(gate[at] + bias[at])
        for at in range(2 * STATE_WIDTH, 3 * STATE_WIDTH):
            gate[at] *= _TWO
        _exp(gate, whole, powers)
        shown, memory = state[0, row], state[1, row]
        bent = gate[:STATE_WIDTH]
        for at in range(STATE_WIDTH):
            new, keep = gate[2 * STATE_WIDTH + at], gate[STATE_WIDTH + at]
            new = (_ONE - new) / ((_ONE + new) * (_ONE + gate[at]))
            memory[at] = memory[at] / (_ONE + keep) + new
            bent[at] = -_TWO * memory[at]
        _exp(bent, whole, powers)
        for at in range(STATE_WIDTH):
            show = gate[3 * STATE_WIDTH + at]
            shown[at] = (_ONE - bent[at]) / ((_ONE + bent[at]) * (_ONE + show))
            heard[nth, at] = max(shown[at], _ZERO)


@part
def _judge(network: Network, windows: Array, rows: Rows, state: Array, probability: Array) -> None:
    count = len(rows)
    four = np.dot(_with_neighbours(np.dot(_framed(windows), network.basis)), network.first)
    _activate(four, network.first_bias)
    two = np.dot(_every_other_with_neighbours(four), network.second)
    _activate(two, network.second_bias)
    one = np.dot(two.reshape(count, 2 * _NARROW), network.third)
    _activate(one, network.third_bias)
    encoded = np.dot(one, network.fourth)
    _activate(encoded, network.fourth_bias)
    heard = np.empty((count, STATE_WIDTH), np.float32)
    _recur(network, encoded, rows, state, heard)
    for nth, row in enumerate(rows):
        score = network.last_bias[0]
        for at in range(STATE_WIDTH):
            score += heard[nth, at] * network.last[at]
        probability[row] = _ONE / (_ONE + np.exp(-score))
