# Takes out of an installed environment what no pod uses, and compiles the rest, because a read-only pod cannot.
set -eu
environment=$1
# The tests of the libraries, type stubs, and ONNX Runtime's tools for making models.
find "$environment" -type d -name tests -prune -exec rm -r {} +
find "$environment" -name '*.pyi' -delete
for part in quantization tools transformers; do
  rm -r "$environment"/lib/python3.*/site-packages/onnxruntime/$part
done
python3 -m compileall -q -j 0 "$environment"
