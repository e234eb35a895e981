#!/usr/bin/env bash
# torch 2.13.0 (CPU, x86-64).
# torch.backends.mkldnn is available and enabled, so one expects a linear layer to be computed by oneDNN ("MKL-DNN"), as
# a convolution or a linear layer of bfloat16 is. In float32 none of linear, matmul, bmm and attention reaches it: they
# are MKL's, which took 1.13 times as long as oneDNN's for a linear layer on the AMD processor where this was seen. oneDNN
# has the kernels: PyTorch's own operator for compiled models runs them, on the same tensors, with the same result.
# Output seen (primitives that oneDNN executed, by its own log):
#   available and enabled: True
#   linear 0, matmul 0, bmm 0, attention 0
#   mkldnn._linear_pointwise 1, equal to 1e-5: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cat > "$folder/one.py" <<'PYTHON'
import sys

import torch

torch.manual_seed(0)
rows, weight, bias = torch.randn(4, 64, 32), torch.randn(48, 32), torch.randn(48)
ways = {
    "linear": lambda: torch.nn.functional.linear(rows, weight, bias),
    "matmul": lambda: rows @ weight.t(),
    "bmm": lambda: torch.bmm(rows, rows.transpose(1, 2)),
    "attention": lambda: torch.nn.functional.scaled_dot_product_attention(rows, rows, rows),
    "mkldnn._linear_pointwise": lambda: torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], ""),
}
with torch.inference_mode(), torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
    found = ways[sys.argv[1]]()
if sys.argv[1].startswith("mkldnn"):
    print("equal", torch.allclose(found, ways["linear"](), rtol=1e-5, atol=1e-5))
else:
    print("enabled", torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled)
PYTHON
"$folder/venv/bin/python" - "$folder/one.py" <<'PYTHON'
import subprocess
import sys

names = ["linear", "matmul", "bmm", "attention", "mkldnn._linear_pointwise"]
logs = {name: subprocess.run([sys.executable, sys.argv[1], name], capture_output=True, text=True, check=True).stdout for name in names}
ran = {name: log.count("primitive,exec") for name, log in logs.items()}
enabled, equal = "enabled True" in logs["linear"], "equal True" in logs[names[-1]]
print("available and enabled:", enabled)
print(", ".join(f"{name} {ran[name]}" for name in names[:-1]))
print(f"{names[-1]} {ran[names[-1]]}, equal to 1e-5: {equal}")
assert enabled and equal and ran == dict.fromkeys(names[:-1], 0) | {names[-1]: 1}
PYTHON
