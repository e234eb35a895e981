#!/usr/bin/env bash
# transformers 5.23.0, accelerate 1.15.0, torch 2.13.0 (CPU).
# device_map="auto" with offloaded weights is described as giving the outputs of the whole model, only slower. RWKV divides
# the output weights of later blocks by powers of two in its first pass, and the states between blocks with them. Offloaded
# weights are on the meta device then, and are read from the checkpoint for each call: so the weights are not divided, the
# states are, and the outputs are others. Nothing is raised, and nothing is logged beyond what every offloaded model logs.
# With rescale_every=0 (no division) they are equal, and so are a Llama's.
# Output seen (largest difference of the last states, relative to the largest of them):
#   RwkvModel, rescale_every=2: 0.6093
#   RwkvModel, rescale_every=0: 0.0000
#   LlamaModel: 0.0000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 accelerate==1.15.0 numpy==2.4.6
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import torch
from transformers import AutoModel, LlamaConfig, LlamaModel, RwkvConfig, RwkvModel
from transformers.utils import logging

logging.disable_progress_bar()


def difference(name, model):
    """Of the last states, with all weights in memory and with most of them on the disk."""
    folder = Path(sys.argv[1]) / name
    model.save_pretrained(folder)
    size = 4 * sum(weights.numel() for weights in model.parameters())
    placed = {"device_map": "auto", "max_memory": {"cpu": size // 2}, "offload_folder": str(folder / "offload")}
    ids, states = torch.arange(11)[None], []
    for options in ({}, placed):
        loaded = AutoModel.from_pretrained(folder, dtype=torch.float32, **options).eval()
        with torch.inference_mode():
            states.append(loaded(input_ids=ids)[0])
    assert any(weights.device.type == "meta" for weights in loaded.parameters())
    found = float((states[0] - states[1]).abs().max() / states[0].abs().max())
    print(f"{name}: {found:.4f}")
    return found


torch.manual_seed(0)
sizes = {"vocab_size": 320, "hidden_size": 32, "num_hidden_layers": 4}
rwkv = {every: RwkvModel(RwkvConfig(**sizes, rescale_every=every)) for every in (2, 0)}
llama = LlamaModel(LlamaConfig(**sizes, intermediate_size=64, num_attention_heads=4))
found = [difference(f"RwkvModel, rescale_every={every}", model) for every, model in rwkv.items()]
found.append(difference("LlamaModel", llama))
assert found[0] > 0.01
assert found[1] == found[2] == 0
PYTHON
