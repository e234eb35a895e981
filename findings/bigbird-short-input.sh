#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0 (CPU).
# A BigBird model with block-sparse attention that is given one input shorter than its blocks need turns itself to full
# attention and stays so: `attention_type` is now "original_full", and a long text has other hidden states than before,
# in evaluation mode and without any training. So the rows of a corpus depend on the order of its texts, and a probe with
# a short text changes the model that is probed.
# Output seen:
#   before: block_sparse, a long text read twice alike: True
#   after one short text: original_full, the long text read alike: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from transformers import BigBirdConfig, BigBirdModel

torch.manual_seed(0)
sizes = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
model = BigBirdModel(BigBirdConfig(**sizes, block_size=8, num_random_blocks=1, max_position_embeddings=256)).eval()
text = torch.randint(5, 100, (1, 200))
with torch.inference_mode():
    first, again = (model(text).last_hidden_state for _ in range(2))
    before, alike = model.attention_type, torch.equal(first, again)
    model(text[:, :8])
    same = torch.allclose(model(text).last_hidden_state, first, atol=1e-5)
print(f"before: {before}, a long text read twice alike: {alike}")
print(f"after one short text: {model.attention_type}, the long text read alike: {same}")
assert (before, alike, model.attention_type, same) == ("block_sparse", True, "original_full", False)
PYTHON
