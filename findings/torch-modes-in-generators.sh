#!/usr/bin/env bash
# torch 2.13.0 (CPU).
# torch.inference_mode, no_grad and autocast are often taken to hold for the body of the `with` statement that opens them.
# In a generator they stay on in whoever iterates for as long as it is paused at a `yield`: tensors that the caller makes
# meanwhile are inference tensors, and its products are cast. As a decorator of the same generator, inference_mode is on
# only while the generator itself runs.
# Output seen:
#   with: on in the caller while paused: True, a tensor made there is an inference tensor: True
#   decorator: on in the caller while paused: False, a tensor made there is an inference tensor: False
#   autocast in a with: the caller's product is torch.bfloat16
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch


def opened():
    with torch.inference_mode():
        yield


@torch.inference_mode()
def decorated():
    yield


def lowered():
    with torch.autocast("cpu", torch.bfloat16):
        yield


def in_the_caller(make):
    paused = make()
    next(paused)
    found = torch.is_inference_mode_enabled(), torch.ones(2).is_inference(), (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    paused.close()
    return found


seen = {name: in_the_caller(make) for name, make in (("with", opened), ("decorator", decorated))}
for name, (enabled, inference, _) in seen.items():
    print(f"{name}: on in the caller while paused: {enabled}, a tensor made there is an inference tensor: {inference}")
product = in_the_caller(lowered)[2]
print(f"autocast in a with: the caller's product is {product}")
assert seen["with"][:2] == (True, True)
assert seen["decorator"][:2] == (False, False)
assert product == torch.bfloat16
PYTHON
