#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0 (CPU).
# Autocast to bfloat16 is often described as keeping the residual stream in float32, since additions and layer norms are
# not cast down. That holds for BERT. In ALBERT a linear layer projects the embedding to the hidden size: it gives
# bfloat16, nothing behind it casts up, and the hidden states of every layer are bfloat16.
# Output seen:
#   BertModel: {'torch.float32'}
#   AlbertModel: {'torch.bfloat16'}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from transformers import AlbertConfig, AlbertModel, BertConfig, BertModel

torch.manual_seed(0)
sizes = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
text, seen = torch.randint(5, 100, (1, 30)), {}
for model in (BertModel(BertConfig(**sizes)), AlbertModel(AlbertConfig(**sizes, embedding_size=16))):
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        states = model.eval()(text, output_hidden_states=True).hidden_states
    seen[type(model).__name__] = {str(state.dtype) for state in states}
    print(f"{type(model).__name__}: {seen[type(model).__name__]}")
assert seen == {"BertModel": {"torch.float32"}, "AlbertModel": {"torch.bfloat16"}}
PYTHON
