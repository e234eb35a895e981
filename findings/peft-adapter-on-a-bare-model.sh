#!/usr/bin/env bash
# peft 0.21.2, transformers 5.23.0, torch 2.13.0 (CPU).
# A LoRA that was trained on AutoModelForCausalLM, applied by PeftModel to the same model without its head (AutoModel), is
# left out whole: its weights are named by the head's model ("model.layers.0…" for "layers.0…"). There is a warning of
# missing keys and no error, its B are zero as in a new adapter, and the merged model is the base bit for bit.
# AutoModel.from_pretrained of the adapter's folder does find them.
# Output seen:
#   PeftModel on AutoModel: as the base: True, as the tuned model: False, warned: True
#   AutoModel.from_pretrained of the adapter: as the base: False, as the tuned model: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    torch==2.13.0 transformers==5.23.0 peft==0.21.2 accelerate==1.15.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import AutoModel, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.manual_seed(0)
sizes = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
LlamaForCausalLM(LlamaConfig(**sizes)).save_pretrained("base")
tuned = get_peft_model(
    AutoModelForCausalLM.from_pretrained("base"), LoraConfig(target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
)
for name, weights in tuned.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(weights)
tuned.save_pretrained("adapter")

text = torch.randint(5, 100, (1, 20))
with torch.inference_mode():
    base = AutoModel.from_pretrained("base")(text).last_hidden_state
    true = tuned.merge_and_unload().model(text).last_hidden_state
    config = PeftConfig.from_pretrained("adapter")
    config.task_type = None  # of CAUSAL_LM it asks for a method of the head, and fails
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        merged = PeftModel.from_pretrained(AutoModel.from_pretrained("base"), "adapter", config=config).merge_and_unload()
    warned = any("missing adapter keys" in str(warning.message) for warning in told)
    found = merged(text).last_hidden_state
    own = AutoModel.from_pretrained("adapter")(text).last_hidden_state
first = torch.equal(found, base), torch.allclose(found, true, atol=1e-4), warned
second = torch.equal(own, base), torch.allclose(own, true, atol=1e-4)
print("PeftModel on AutoModel: as the base: %s, as the tuned model: %s, warned: %s" % first)
print("AutoModel.from_pretrained of the adapter: as the base: %s, as the tuned model: %s" % second)
assert (first, second) == ((True, False, True), (False, True))
PYTHON
