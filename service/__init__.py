"""Serve a scikit-learn or ONNX model over HTTP."""
