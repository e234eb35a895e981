#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0 (CPU).
# AutoModelForCausalLM is expected to give a model that predicts each token from those before it, or to refuse. A masked
# language model's checkpoint (BertForMaskedLM) is loaded as BertLMHeadModel: no weight is missing, a warning asks for
# is_decoder=True, and every position still attends to all others. "Next-token" probabilities of such a model, and losses
# computed from them, see the token that they predict.
# Output seen:
#   BertLMHeadModel, missing: [], unexpected: []
#   logits at the first position change with the last token: True
#   with is_decoder=True: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy==2.4.6
"$folder/venv/bin/python" - "$folder/checkpoint" <<'PYTHON'
import sys

import torch
from transformers import AutoModelForCausalLM, BertConfig, BertForMaskedLM

torch.manual_seed(0)
sizes = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
BertForMaskedLM(BertConfig(**sizes)).save_pretrained(sys.argv[1])
text = torch.randint(5, 99, (1, 10))
other = text.clone()
other[0, -1] = 99


def sees_ahead(**options):
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1], **options).eval()
    with torch.inference_mode():
        return bool((model(text).logits - model(other).logits)[0, 0].abs().max() > 1e-6)


model, info = AutoModelForCausalLM.from_pretrained(sys.argv[1], output_loading_info=True)
print(f"{type(model).__name__}, missing: {sorted(info['missing_keys'])}, unexpected: {sorted(info['unexpected_keys'])}")
plain, decoder = sees_ahead(), sees_ahead(is_decoder=True)
print(f"logits at the first position change with the last token: {plain}")
print(f"with is_decoder=True: {decoder}")
assert (type(model).__name__, set(info["missing_keys"]), plain, decoder) == ("BertLMHeadModel", set(), True, False)
PYTHON
