"""Surgery on graphs, tried on ones small enough to see through."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from gateway.providers.inference import Graph
from gateway.providers.moonshine_graphs import (
    first_branch,
    fold,
    following_branch,
    names_used,
    quantise,
    save,
)
from gateway.providers.moonshine_weights import RESULT

FLOATS = TensorProto.FLOAT
STORED = np.array([[1, -2], [3, 4]], np.int8)
OPSET = [helper.make_opsetid("", 14)]


def model(graph: GraphProto) -> ModelProto:
    return helper.make_model(graph, opset_imports=OPSET, ir_version=8)


def value(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, FLOATS, shape)


@pytest.fixture
def stored_as_int8() -> ModelProto:
    """x @ (Cast(stored) * 0.5 + 1), as the vendor keeps weights."""
    nodes = [
        helper.make_node("Cast", ["stored"], ["cast"], to=FLOATS),
        helper.make_node("Mul", ["cast", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["weight"]),
        helper.make_node("MatMul", ["x", "weight"], ["y"]),
    ]
    constants = [
        numpy_helper.from_array(STORED, "stored"),
        numpy_helper.from_array(np.array(0.5, np.float32), "scale"),
        numpy_helper.from_array(np.array(1.0, np.float32), "offset"),
    ]
    return model(
        helper.make_graph(nodes, "g", [value("x", [1, 2])], [value("y", [1, 2])], constants)
    )


@pytest.fixture
def two_branches() -> ModelProto:
    """`If` first: logits = x + weight, else logits = x * weight; both hand on two memories."""

    def branch(name: str, operator: str) -> GraphProto:
        nodes = [
            helper.make_node(operator, ["x", "weight"], ["logits"]),
            helper.make_node("Neg", ["logits"], [f"{name}_decoder"]),
            helper.make_node("Identity", ["x"], [f"{name}_encoder"]),
        ]
        outputs = ["logits", f"{name}_decoder", f"{name}_encoder"]
        return helper.make_graph(nodes, name, [], [value(output, [2]) for output in outputs])

    outputs = ["logits", "present.0.decoder.key", "present.0.encoder.key"]
    choice = helper.make_node(
        "If",
        ["use_cache_branch"],
        outputs,
        then_branch=branch("then", "Add"),
        else_branch=branch("else", "Mul"),
    )
    constants = [numpy_helper.from_array(np.array([2, 3], np.float32), "weight")]
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [])
    inputs, results = [value("x", [2]), flag], [value(output, [2]) for output in outputs]
    return model(helper.make_graph([choice], "g", inputs, results, constants))


def run(graph: ModelProto, **feeds: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return list(ReferenceEvaluator(graph).run(None, feeds))


def test_what_depends_on_constants_alone_is_computed_once(stored_as_int8: ModelProto) -> None:
    x = np.array([[1, 10]], np.float32)
    before = run(stored_as_int8, x=x)
    folded = fold(stored_as_int8)
    assert [node.op_type for node in folded.graph.node] == ["MatMul"]
    assert [tensor.name for tensor in folded.graph.initializer] == ["weight"]
    assert np.array_equal(run(folded, x=x)[0], before[0])


def test_each_branch_stands_alone_with_what_it_reads(two_branches: ModelProto) -> None:
    x = np.array([5, 7], np.float32)
    first, following = first_branch(two_branches), following_branch(two_branches)
    assert [item.name for item in first.graph.input] == ["x"]
    logits, decoder, encoder = run(first, x=x)
    assert np.array_equal(logits, [10, 21])
    assert np.array_equal(decoder, [-10, -21])
    assert np.array_equal(encoder, x)
    logits, decoder = run(following, x=x)
    assert np.array_equal(logits, [7, 10])
    assert [item.name for item in following.graph.output] == [
        "logits" + RESULT,
        "present.0.decoder.key" + RESULT,
    ]


def test_names_in_branches_are_names_used(two_branches: ModelProto) -> None:
    assert {"x", "weight", "use_cache_branch"} <= names_used(two_branches.graph.node)


def test_a_quantised_graph_says_nearly_the_same_and_loads(
    stored_as_int8: ModelProto, tmp_path: Path
) -> None:
    folded = fold(stored_as_int8)
    save(folded, tmp_path / "exact.onnx")
    quantise(folded, tmp_path / "small.onnx")
    x = np.array([[1, 10]], np.float32)
    (exact,) = Graph(tmp_path / "exact.onnx").run({"x": x})
    (small,) = Graph(tmp_path / "small.onnx").run({"x": x})
    assert small == pytest.approx(exact, rel=0.05)
