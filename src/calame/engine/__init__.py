"""The engine: arrays in, probabilities out, by ONNX Runtime."""
