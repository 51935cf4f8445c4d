"""From a Keras network to a model folder: ONNX with a parity check, lighter versions, files of other people."""
