# The web page and the command line: docker build -t llm-mri-graph .
FROM python:3.11-slim

# Where PyTorch comes from: its own index of CPU builds, or another one, such as https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
WORKDIR /source
COPY constraints.txt ./
RUN pip install --no-deps --index-url "$TORCH_INDEX" -c constraints.txt torch
COPY pyproject.toml README.md LICENSE ./
COPY mri ./mri
COPY mri_core ./mri_core
COPY ingest ./ingest
COPY queries ./queries
COPY ui ./ui
RUN pip install -c constraints.txt '.[demo,oidc]' && rm -rf build

RUN useradd --create-home --uid 10001 mri && install --directory --owner=mri --group=mri /data /cache
USER 10001
WORKDIR /data
ENV MRI_STORE=/data/store MRI_CACHE=/cache HF_HOME=/cache/huggingface
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# It listens on all addresses of the container, so one signs in: with MRI_UI_TOKEN, else with what it prints. Which
# addresses others reach is decided where it is run.
CMD ["mri", "ui", "--host", "0.0.0.0", "--no-browser"]
