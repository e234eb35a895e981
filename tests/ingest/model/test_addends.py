"""What attention and MLP add to the stream: against the modules of every family named by hand."""

from copy import deepcopy

import pytest
import torch
from torch.nn import functional

from ingest.model.anatomy.addends import find_addends
from ingest.model.anatomy.blocks import find_blocks
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError
from tests.families import FAMILIES
from tests.ingest.reading import ATTENDED, IDS, outputs_of
from tests.ingest.refusal import refused
from tests.models import save_tiny

# Block i; what its attention adds; what its MLP adds (paths within the block); the norm behind the last block.
LLAMA = ("layers.{}", "self_attn.o_proj", "mlp.down_proj", "norm")
GEMMA = ("layers.{}", "post_attention_layernorm", "post_feedforward_layernorm", "norm")
FALCON = ("h.{}", "self_attention.dense", "mlp.dense_4h_to_h", "ln_f")
BERT = ("encoder.layer.{}", "attention.output.dense", "output.dense", None)
PRE_NORM = {
    "gpt2": ("h.{}", "attn.c_proj", "mlp.c_proj", "ln_f"),
    "llama": LLAMA,
    "mistral": LLAMA,
    "gemma": LLAMA,
    "qwen2": LLAMA,
    "qwen3": LLAMA,
    "mixtral": ("layers.{}", "self_attn.o_proj", "mlp", "norm"),
    "qwen2-moe": ("layers.{}", "self_attn.o_proj", "mlp", "norm"),
    "gemma2": GEMMA,
    "gemma3": GEMMA,
    "neox": ("layers.{}", "attention.dense", "mlp.dense_4h_to_h", "final_layer_norm"),
    "phi": ("layers.{}", "self_attn.dense", "mlp.fc2", "final_layernorm"),
    "opt": ("decoder.layers.{}", "self_attn.out_proj", "fc2", "decoder.final_layer_norm"),
    "bloom": FALCON,
    "falcon": FALCON,
    "falcon-sequential": FALCON,
    "modernbert": ("layers.{}", "attn.Wo", "mlp.Wo", "final_norm"),
    "t5": ("block.{}", "layer.0.SelfAttention.o", "layer.1.DenseReluDense.wo", "final_layer_norm"),
}
POST_NORM = {
    "bert": (*BERT, "attention.output.LayerNorm", "output.LayerNorm"),
    "roberta": (*BERT, "attention.output.LayerNorm", "output.LayerNorm"),
    "distilbert": (
        "transformer.layer.{}",
        "attention.out_lin",
        "ffn.lin2",
        None,
        "sa_layer_norm",
        "output_layer_norm",
    ),
    "bart": ("layers.{}", "self_attn.out_proj", "fc2", None, "self_attn_layer_norm", "final_layer_norm"),
    "opt-post-norm": (
        "decoder.layers.{}",
        "self_attn.out_proj",
        "fc2",
        None,
        "self_attn_layer_norm",
        "final_layer_norm",
    ),
}
BY_HAND = {**PRE_NORM, **POST_NORM}


def paths_of(stack, addends):
    return [path for path, module in stack.named_modules() if module in addends.modules]


def by_hand(stack, name, part):
    """What the modules that the table names give, for each block."""
    block, path = BY_HAND[name][0], BY_HAND[name][part]
    paths = [f"{block.format(number)}.{path}" for number in range(stack.config.num_hidden_layers)]
    with outputs_of(stack, paths) as given, torch.inference_mode():
        stack(input_ids=IDS, attention_mask=ATTENDED.long())
    return [given[path].reshape(*IDS.shape, 32) for path in paths]


# --- the stream


@pytest.mark.parametrize("name", [*FAMILIES])
def test_the_residual_stream_of_every_family_is_its_hidden_states(name, read):
    model, states = read(name)
    with torch.inference_mode():
        output = model.stack(input_ids=IDS, attention_mask=ATTENDED.long(), output_hidden_states=True)
        norm = {"mamba": "norm_f", "jamba": "final_layernorm", "granite": "norm"}.get(name) or BY_HAND[name][3]
        last = model.stack.get_submodule(norm)(states[-1]) if norm else states[-1]
    assert len(output.hidden_states) == model.layers == 4
    told = states[1:-1] if name == "mamba" else states[:-1]  # Mamba reports no embedding
    for state, expected in zip(told, output.hidden_states, strict=False):
        assert torch.equal(state[ATTENDED], expected[ATTENDED])
    assert name != "mamba" or torch.equal(states[0], model.stack.embeddings(IDS))
    torch.testing.assert_close(last[ATTENDED], output.last_hidden_state[ATTENDED], rtol=1e-5, atol=1e-6)


# --- attention and MLP


@pytest.mark.parametrize(("site", "part"), [("attention", 1), ("mlp", 2)])
@pytest.mark.parametrize("name", BY_HAND)
def test_a_site_is_what_the_modules_named_by_hand_give(name, site, part, read):
    model, states = read(name, site)
    expected = by_hand(model.stack, name, part)
    assert model.layers == len(expected) == read(name)[0].layers - 1
    assert model.widths == (32,) * model.layers
    for state, true in zip(states, expected, strict=True):
        assert torch.equal(state, true)


@pytest.mark.parametrize("name", PRE_NORM)
def test_the_stream_after_a_block_is_the_stream_before_it_with_both_added(name, read):
    (_, stream), (_, attention), (_, mlp) = read(name), read(name, "attention"), read(name, "mlp")
    for block in range(len(mlp)):
        total = stream[block] + attention[block] + mlp[block]
        torch.testing.assert_close(total, stream[block + 1], rtol=1e-5, atol=1e-5)
        assert not torch.allclose(total - mlp[block], stream[block + 1], atol=1e-4)


@pytest.mark.parametrize("name", POST_NORM)
def test_a_model_that_norms_its_sums_adds_each_before_a_norm(name, read):
    (model, stream), (_, attention), (_, mlp) = read(name), read(name, "attention"), read(name, "mlp")
    path, first, last = BY_HAND[name][0], *BY_HAND[name][4:]
    for number in range(len(mlp)):
        block = model.stack.get_submodule(path.format(number))
        with torch.inference_mode():
            inner = block.get_submodule(first)(stream[number] + attention[number])
            outer = block.get_submodule(last)(inner + mlp[number])
        torch.testing.assert_close(outer, stream[number + 1], rtol=1e-5, atol=1e-5)


def test_an_mlp_is_as_worked_out_from_its_weights(read):
    model, states = read("gpt2", "mlp")
    stream, attention = read("gpt2")[1], read("gpt2", "attention")[1]
    for number, block in enumerate(model.stack.h):
        up, down = block.mlp.c_fc, block.mlp.c_proj
        entering = functional.layer_norm(stream[number] + attention[number], (32,), block.ln_2.weight, block.ln_2.bias)
        inner = functional.gelu(entering @ up.weight + up.bias, approximate="tanh")
        torch.testing.assert_close(states[number], inner @ down.weight + down.bias, rtol=1e-5, atol=1e-6)


def test_a_mixture_is_the_weighted_sum_over_its_experts_and_the_shared_one(read):
    """Block 1 is a plain MLP, blocks 2 and 3 choose two experts of four for each token."""
    model, states = read("qwen2-moe", "mlp")
    stream, attention = read("qwen2-moe")[1], read("qwen2-moe", "attention")[1]

    def gated(x, gate_up, down):
        gate, up = functional.linear(x, gate_up).chunk(2, dim=-1)
        return functional.linear(functional.silu(gate) * up, down)

    for number in (1, 2):
        block = model.stack.layers[number]
        x, mixture = block.post_attention_layernorm(stream[number] + attention[number])[0], block.mlp
        weights, chosen = torch.softmax(x @ mixture.gate.weight.T, dim=-1).topk(2, dim=-1)
        if mixture.gate.norm_topk_prob:
            weights = weights / weights.sum(dim=-1, keepdim=True)
        experts, shared = mixture.experts, mixture.shared_expert
        rows = []
        for token, kept, share in zip(x, chosen, weights, strict=True):
            own = sum(
                s * gated(token, experts.gate_up_proj[e], experts.down_proj[e])
                for e, s in zip(kept, share, strict=True)
            )
            both = torch.cat([shared.gate_proj.weight, shared.up_proj.weight])
            rows.append(
                own + torch.sigmoid(mixture.shared_expert_gate(token)) * gated(token, both, shared.down_proj.weight)
            )
        torch.testing.assert_close(states[number][0], torch.stack(rows), rtol=1e-5, atol=1e-6)


def test_a_block_that_is_called_again_and_again_is_read_each_time(read):
    model, states = read("albert", "mlp")
    assert model.layers == 3
    layer = model.stack.encoder.albert_layer_groups[0].albert_layers[0]
    stream, attention = read("albert")[1], read("albert", "attention")[1]
    for number in range(3):
        with torch.inference_mode():
            inner = layer.attention.LayerNorm(stream[number] + attention[number])
            outer = layer.full_layer_layer_norm(inner + states[number])
        torch.testing.assert_close(outer, stream[number + 1], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("name", BY_HAND)
def test_the_same_modules_are_found_in_half_precision(name, dtype, read):
    stack = deepcopy(read(name)[0].stack).to(dtype)
    ids = torch.arange(10, 18).repeat(2, 1)
    ids[1, 0] = 5

    @torch.inference_mode()
    def forward():
        stack(input_ids=ids, attention_mask=torch.ones_like(ids))

    blocks = find_blocks(stack, stack.config.num_hidden_layers, forward)
    for site in ("attention", "mlp"):
        model = read(name, site)[0]
        assert paths_of(stack, find_addends(blocks, site, 2, forward)) == paths_of(model.stack, model.site)


# --- what has no such site


@pytest.mark.parametrize("site", ["attention", "mlp"])
def test_a_block_with_one_part_only_has_neither_site(site, family):
    with refused(f"--site {site}", "block 1", "MambaBlock", "only mixer", "--site residual", kind=ModelError):
        load(resolve(str(family("mamba"))), max_length=None, site=site)


def test_a_hybrids_first_block_of_another_kind_is_named(family):
    with refused("block 2", "JambaAttentionDecoderLayer", "self_attn", "mamba", "--site residual", kind=ModelError):
        load(resolve(str(family("jamba"))), max_length=None, site="attention")


def test_addends_that_are_scaled_on_the_way_are_not_taken_for_what_is_added(family):
    with refused("block 1", "GraniteDecoderLayer", "add up", kind=ModelError):
        load(resolve(str(family("granite"))), max_length=None, site="mlp")


def test_one_layer_is_no_study(tmp_path):
    from transformers import AutoModel, BertConfig

    save_tiny("bert", tmp_path)
    config = BertConfig.from_pretrained(tmp_path, num_hidden_layers=1)
    AutoModel.from_config(config).save_pretrained(tmp_path)
    with refused("from layer to layer", "--site residual", kind=ModelError):
        load(resolve(str(tmp_path)), max_length=None, site="mlp")
    assert load(resolve(str(tmp_path)), max_length=None).layers == 2
