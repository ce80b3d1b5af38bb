# Takes out of an installed environment what no pod uses, and compiles the rest, because a read-only pod cannot.
set -eu
environment=$1
# The tests of the libraries, what only compilers and editors read, and ONNX Runtime's tools for making models.
find "$environment" -type d \( -name tests -o -name test \) -prune -exec rm -r {} +
find "$environment" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete
for part in quantization tools transformers; do
  rm -r "$environment"/lib/python3.*/site-packages/onnxruntime/$part
done
# Every command but ours and Python, and what only uv reads.
find "$environment/bin" -type f ! -name ml-api -delete
rm -rf "$environment/.gitignore" "$environment/.lock" "$environment/CACHEDIR.TAG" "$environment/bin/__pycache__"
# What the AWS client knows of the services other than S3 and those that give it credentials.
for service in "$environment"/lib/python3.*/site-packages/botocore/data/*/; do
  [ -d "$service" ] || continue
  case $(basename "$service") in s3 | sts | sso | sso-oidc) ;; *) rm -r "$service" ;; esac
done
python3 -m compileall -q -j 0 "$environment/lib"
