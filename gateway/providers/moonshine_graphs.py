"""Surgery on ONNX graphs, needed once to prepare Moonshine: fold, split, quantise."""

import copy
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import (
    AttributeProto,
    ModelProto,
    NodeProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import QuantType, quantize_dynamic

from gateway.providers.moonshine_weights import RESULT

Array = NDArray[np.generic]

FOLDABLE = frozenset({"Cast", "Mul", "Add", "Transpose"})
"""What the vendor's quantiser left behind: weight = Cast(int8) * scale + offset.

The transposed embedding is the output projection: folded, it is quantised like the rest, which
saves a third of the time of every token.
"""

ALREADY_PREPROCESSED = {"onnx.quant.pre_process": "onnxruntime.quant"}
"""Tells onnxruntime's quantiser not to warn: onnxruntime has optimised this graph already."""


def read_ort(source: Path, scratch: Path) -> ModelProto:
    """onnxruntime's own format as an ONNX model (onnxruntime itself writes it, into `scratch`)."""
    converted = scratch / "converted.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(converted)
    options.log_severity_level = 3
    options.add_session_config_entry("session.save_model_format", "ONNX")
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    model = onnx.load(converted)
    converted.unlink()
    return model


def fold(model: ModelProto) -> ModelProto:
    """`model` with everything that depends on constants alone computed now, in place."""
    graph = model.graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    folded: dict[str, Array] = {}
    kept: list[NodeProto] = []
    for node in graph.node:
        known = [folded.get(name, constants.get(name)) for name in node.input]
        values = [value for value in known if value is not None]
        if node.op_type in FOLDABLE and len(values) == len(known):
            folded[node.output[0]] = _computed(node, values)
        else:
            kept.append(node)
    used = names_used(kept) | {output.name for output in graph.output}
    initializers = [tensor for tensor in graph.initializer if tensor.name in used]
    initializers += [
        numpy_helper.from_array(value, name) for name, value in folded.items() if name in used
    ]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(initializers)
    return model


def _computed(node: NodeProto, values: list[Array]) -> Array:
    (result,) = ReferenceEvaluator(node).run(None, dict(zip(node.input, values, strict=True)))
    return np.ascontiguousarray(result)


def first_branch(model: ModelProto) -> ModelProto:
    """Of the two branches of the model's one `If`: what decodes the first token."""
    return _branch(model, "else_branch", {output.name for output in model.graph.output})


def following_branch(model: ModelProto) -> ModelProto:
    """What decodes every later token. It gives back only the logits and the decoder's own past:
    the encoder's never changes, and copying it at every token costs more than the token."""
    outputs = {output.name for output in model.graph.output}
    return _branch(model, "then_branch", {name for name in outputs if ".encoder." not in name})


def quantise(model: ModelProto, path: Path) -> None:
    """Write `model` to `path` with int8 weights in its matrix products."""
    helper.set_model_props(model, ALREADY_PREPROCESSED)
    quantize_dynamic(model, path, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8)


def save(model: ModelProto, path: Path) -> None:
    onnx.save(model, path)


def _branch(model: ModelProto, name: str, outputs: set[str]) -> ModelProto:
    """A branch on its own: its nodes, the outer inputs and constants it reads, `outputs`."""
    (choice,) = (node for node in model.graph.node if node.op_type == "If")
    (branch,) = (attribute.g for attribute in choice.attribute if attribute.name == name)
    nodes = list(branch.node)
    results: list[ValueInfoProto] = []
    for inner, outer in zip(branch.output, model.graph.output, strict=True):
        if outer.name in outputs:
            result = copy.deepcopy(outer)
            result.name = outer.name + RESULT
            nodes.append(helper.make_node("Identity", [inner.name], [result.name]))
            results.append(result)
    used = names_used(nodes)
    graph = helper.make_graph(
        nodes,
        branch.name,
        [value for value in model.graph.input if value.name in used],
        results,
        [*branch.initializer, *(t for t in model.graph.initializer if t.name in used)],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def names_used(nodes: Iterable[NodeProto]) -> set[str]:
    """Every value the nodes read, in their sub-graphs too."""
    used: set[str] = set()
    for node in nodes:
        used.update(node.input)
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                used |= names_used(attribute.g.node)
                used.update(output.name for output in attribute.g.output)
    return used
