"""Tiny models of many families with random weights, each with a tokenizer of its kind: to read their blocks by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.models import KINDS, VOCABULARY, save_tiny, save_tokenizer

USUAL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 1,
}
GEMMA = {**USUAL, "head_dim": 8, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
OPT = {"vocab_size": VOCABULARY, "hidden_size": 32, "ffn_dim": 64, "num_attention_heads": 4, "num_hidden_layers": 3}
JAMBA = {"attn_layer_period": 2, "attn_layer_offset": 1, "use_mamba_kernels": False, "num_experts": 2}

PLAIN = {
    name: size for name, size in USUAL.items() if name not in ("num_key_value_heads", "bos_token_id", "eos_token_id")
}
LONGER = {**PLAIN, "max_position_embeddings": 256}
VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 16,
    "patch_size": 8,
}
MLLAMA_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_global_layers": 1,
    "attention_heads": 4,
    "image_size": 16,
    "patch_size": 8,
    "intermediate_layers_indices": [0],
    "vision_output_dim": 64,
    "supported_aspect_ratios": [[1, 1]],
}
GEMMA3N = {
    **USUAL,
    "head_dim": 8,
    "num_hidden_layers": 4,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "intermediate_size": [64] * 4,
    "vocab_size_per_layer_input": VOCABULARY,
    "hidden_size_per_layer_input": 8,
    "altup_num_inputs": 4,
    "laurel_rank": 4,
    "num_kv_shared_layers": 2,
    "activation_sparsity_pattern": [0.0] * 4,
    "sliding_window": 16,
}
REFORMER = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "feed_forward_size": 64,
    "num_attention_heads": 4,
    "attention_head_size": 8,
    "attn_layers": ["lsh", "lsh", "local"],
    "axial_pos_embds": False,
    "max_position_embeddings": 256,
    "local_attn_chunk_length": 16,
    "lsh_attn_chunk_length": 16,
    "num_buckets": 4,
    "num_hashes": 1,
    "is_decoder": True,
    "pad_token_id": 0,
    "hash_seed": None,
}

# The family: the stem of its classes in transformers, its config, and the kind whose tokenizer it has.
FAMILIES: dict[str, tuple[str, dict[str, Any], str]] = {
    "distilbert": (
        "DistilBert",
        {"vocab_size": VOCABULARY, "dim": 32, "hidden_dim": 64, "n_layers": 3, "n_heads": 4},
        "bert",
    ),
    "modernbert": ("ModernBert", {**USUAL, "cls_token_id": 1, "sep_token_id": 2}, "bert"),
    "mistral": ("Mistral", USUAL, "llama"),
    "qwen2": ("Qwen2", USUAL, "gpt2"),
    "qwen3": ("Qwen3", {**USUAL, "head_dim": 8}, "gpt2"),
    "gemma": ("Gemma", {**USUAL, "head_dim": 8}, "llama"),
    "gemma2": ("Gemma2", GEMMA, "llama"),
    "gemma3": ("Gemma3Text", GEMMA, "llama"),
    "phi": ("Phi", {**USUAL, "num_key_value_heads": 4}, "gpt2"),
    "opt-post-norm": ("OPT", {**OPT, "do_layer_norm_before": False, "max_position_embeddings": 64}, "opt"),
    "bloom": ("Bloom", {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 3, "n_head": 4}, "opt"),
    "falcon": ("Falcon", {**USUAL, "new_decoder_architecture": False, "multi_query": True}, "gpt2"),
    "falcon-sequential": ("Falcon", {**USUAL, "new_decoder_architecture": False, "parallel_attn": False}, "gpt2"),
    "qwen2-moe": (
        "Qwen2Moe",
        {**USUAL, **EXPERTS, "shared_expert_intermediate_size": 24, "mlp_only_layers": [0]},
        "gpt2",
    ),
    "mamba": ("Mamba", {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 3, "state_size": 4}, "neox"),
    "jamba": ("Jamba", {**USUAL, **JAMBA}, "llama"),
    "granite": ("Granite", {**USUAL, "residual_multiplier": 0.5}, "llama"),
}

# Those that do otherwise than most: in how blocks are called, in what they pass on, in what they keep or draw.
PECULIAR: dict[str, tuple[str, dict[str, Any], str]] = {
    "openai-gpt": ("OpenAIGPT", {"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 3, "n_head": 4}, "neox"),
    "squeezebert": ("SqueezeBert", {**PLAIN, "embedding_size": 32}, "bert"),
    "xlnet": ("XLNet", {"vocab_size": VOCABULARY, "d_model": 32, "n_layer": 3, "n_head": 4, "d_inner": 64}, "bert"),
    "mllama": (
        "Mllama",
        {
            "text_config": {**USUAL, "cross_attention_layers": [1], "num_hidden_layers": 4},
            "vision_config": MLLAMA_VISION,
            "image_token_index": VOCABULARY - 1,
        },
        "llama",
    ),
    "gemma3n": ("Gemma3nText", GEMMA3N, "llama"),
    "clip": (
        "CLIP",
        {
            "text_config": {**PLAIN, "projection_dim": 32, "bos_token_id": 1, "eos_token_id": 2},
            "vision_config": VISION,
        },
        "bert",
    ),
    "siglip": ("Siglip", {"text_config": PLAIN, "vision_config": VISION}, "bert"),
    "bigbird": ("BigBird", {**LONGER, "block_size": 8, "num_random_blocks": 1}, "bert"),
    "rwkv": (
        "Rwkv",
        {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 3, "context_length": 64, "rescale_every": 2},
        "neox",
    ),
    "reformer": ("Reformer", REFORMER, "neox"),
    "electra": ("Electra", {**PLAIN, "embedding_size": 16}, "bert"),
}


def save_family(name: str, folder: Path) -> Path:
    """Save a family's tiny model, seeded, with its tokenizer; the kinds of `tests.models` are families too."""
    if name in KINDS:
        return save_tiny(name, folder)
    import torch
    import transformers

    stem, config, kind = (FAMILIES | PECULIAR)[name]
    torch.manual_seed(len(name))
    model = getattr(transformers, f"{stem}Model")(getattr(transformers, f"{stem}Config")(**config))
    for parameter in model.parameters():
        if parameter.dim() == 1:  # biases are 0 and norms 1 at first, which hides what they do
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    save_tokenizer(kind, folder)
    return folder
