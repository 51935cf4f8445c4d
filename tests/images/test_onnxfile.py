"""The bytes are ONNX, as another reader of ONNX sees them."""

import numpy as np
import pytest

from calame.images.onnxfile import OnnxFile


def test_what_is_written_is_valid_and_comes_back():
    onnx = pytest.importorskip("onnx")
    file = OnnxFile("tiny")
    values = np.array([[-1.5, 2.0]], np.float32)
    half = file.constant("half", values)
    zero = file.constant("zero", np.array(-3, np.int8))
    scaled = file.node("QuantizeLinear", ["x", file.constant("scale", np.array(0.5, np.float32)), zero], "whole")
    back = file.node("DequantizeLinear", [scaled, "scale", "zero"], "back")
    file.node("Gemm", [back, file.node("Transpose", [half], "turned", perm=[1, 0])], "y", alpha=0.5, transA=0)
    model = onnx.load_model_from_string(file.to_bytes({"x": (2,)}, {"y": (1,)}))
    onnx.checker.check_model(model, full_check=True)
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    assert stored["half"].tolist() == values.tolist()
    assert stored["zero"] == -3
    options = {one.name: onnx.helper.get_attribute_value(one) for one in model.graph.node[-1].attribute}
    assert options == {"alpha": 0.5, "transA": 0}
    assert [onnx.helper.get_attribute_value(one) for one in model.graph.node[2].attribute] == [[1, 0]]
