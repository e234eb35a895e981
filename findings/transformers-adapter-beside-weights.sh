#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0 (CPU), with and without peft 0.21.2.
# AutoModel.from_pretrained of a folder that holds a whole model and an adapter (adapter_config.json), as a training may
# leave it, reads the model with the adapter on top where peft is installed, and without it where peft is not, with no
# word in either case. An adapter that was merged into these weights before is then added twice.
# Output seen:
#   with peft: as the folder's own weights: False
#   without peft: as the folder's own weights: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check \
    torch==2.13.0 transformers==5.23.0 accelerate==1.15.0 numpy==2.4.6
cd "$folder"
cat >read.py <<'PYTHON'
import sys

import torch
from transformers import AutoModel, BertConfig, BertModel, logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.manual_seed(0)
sizes = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
model, text = BertModel(BertConfig(**sizes)).eval(), torch.arange(5, 25)[None]
if sys.argv[1] == "write":
    from peft import LoraConfig, get_peft_model

    model.save_pretrained("both")
    tuned = get_peft_model(model, LoraConfig(target_modules=["query"]))
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights)
    tuned.save_pretrained("both")
    sys.exit()
with torch.inference_mode():
    found = AutoModel.from_pretrained("both")(text).last_hidden_state
    same = torch.allclose(found, model(text).last_hidden_state, atol=1e-5)
print(f"{sys.argv[1]} peft: as the folder's own weights: {same}")
assert same == (sys.argv[1] == "without")
PYTHON
"$python" -m pip install --quiet --disable-pip-version-check peft==0.21.2
"$python" read.py write
"$python" read.py with
"$python" -m pip uninstall --quiet --yes peft
"$python" read.py without
