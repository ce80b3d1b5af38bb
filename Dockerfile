# Two images from one file: the last target, "full", serves every format; "onnx" has no scikit-learn.
#   docker build .            docker build --target onnx .
# Both begin empty and get Python, the shared libraries it wants, and ours: no shell, no package manager (decision 37).
# A release passes the base image by digest: --build-arg BASE_IMAGE=python:3.13-slim@sha256:...
ARG BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS tools
COPY tools/uv/requirements.txt /tmp/
RUN pip install --no-cache-dir --root-user-action=ignore --require-hashes -r /tmp/requirements.txt
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_PYTHON=python3
WORKDIR /build
COPY pyproject.toml uv.lock README.md LICENSE ./
# What the image has beside the service: buckets that `ml-api fetch` reads (decision 31), libraries of models, e.g.
# --build-arg EXTRAS="--extra s3 --extra gs --extra xgboost".
ARG EXTRAS="--extra s3"
# Not what uvicorn and rich need for reloading, websockets and colouring source code, none of which happens in a pod.
ENV SYNC="uv sync --locked --no-default-groups ${EXTRAS} --no-install-package=pygments --no-install-package=pyyaml \
    --no-install-package=watchfiles --no-install-package=websockets"
# The dependencies first: they change less often than the code.
RUN UV_PROJECT_ENVIRONMENT=/app $SYNC --no-install-project

FROM tools AS with-sklearn
RUN UV_PROJECT_ENVIRONMENT=/app $SYNC --no-install-project --extra sklearn

FROM with-sklearn AS system
COPY tools/image/collect.py ./
RUN python3 collect.py /system /app

FROM with-sklearn AS demo
RUN UV_PROJECT_ENVIRONMENT=/packing uv sync --locked --no-default-groups --no-install-project --extra pack
COPY service service
RUN UV_PROJECT_ENVIRONMENT=/packing uv sync --locked --no-default-groups --no-editable --extra pack \
    && /packing/bin/ml-api train-demo --out /demo

FROM tools AS app-onnx
COPY tools/image/slim.sh ./
COPY service service
RUN UV_PROJECT_ENVIRONMENT=/app $SYNC --no-editable && sh slim.sh /app

FROM with-sklearn AS app-full
COPY tools/image/slim.sh ./
COPY service service
RUN UV_PROJECT_ENVIRONMENT=/app $SYNC --no-editable --extra sklearn && sh slim.sh /app

FROM scratch AS runtime
COPY --from=system /system /
COPY --from=demo /demo /opt/ml-api/model
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG BASE_IMAGE
LABEL org.opencontainers.image.title="ml-api" \
      org.opencontainers.image.description="Serves a scikit-learn or ONNX model over HTTP" \
      org.opencontainers.image.authors="the ml-api maintainers" \
      org.opencontainers.image.vendor="ml-api" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/app/bin:/usr/local/bin:/usr/bin \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    ML_API_HOST=0.0.0.0 \
    ML_API_MODEL_DIR=/opt/ml-api/model
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["ml-api"]
CMD ["serve"]

FROM runtime AS onnx
COPY --from=app-onnx /app /app

FROM runtime AS full
COPY --from=app-full /app /app
