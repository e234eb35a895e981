"""Tiny models with random weights, saved as checkpoints: one for each way in which models and tokenizers differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SENTENCES = (
    "The cat sat on the mat and looked at the moon.",
    "A judge may hear the appeal before the court rises.",
    "Stir the sauce slowly until the onions are soft.",
)
VOCABULARY = 320


def _gpt2() -> Any:
    from transformers import GPT2Config, GPT2Model

    return GPT2Model(GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=3, n_head=4, n_positions=64))


def _llama() -> Any:
    from transformers import LlamaConfig, LlamaModel

    return LlamaModel(LlamaConfig(**_sizes(), num_hidden_layers=3, num_key_value_heads=2))


def _mixtral() -> Any:
    from transformers import MixtralConfig, MixtralModel

    return MixtralModel(MixtralConfig(**_sizes(), num_hidden_layers=2, num_key_value_heads=2, num_local_experts=4))


def _neox() -> Any:
    from transformers import GPTNeoXConfig, GPTNeoXModel

    return GPTNeoXModel(GPTNeoXConfig(**_sizes(), num_hidden_layers=2))


def _opt() -> Any:
    from transformers import OPTConfig, OPTModel

    return OPTModel(
        OPTConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            ffn_dim=64,
            num_attention_heads=4,
            num_hidden_layers=2,
            max_position_embeddings=64,
            word_embed_proj_dim=16,
        )
    )


def _bert() -> Any:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(**_sizes(), num_hidden_layers=3))


def _roberta() -> Any:
    from transformers import RobertaConfig, RobertaModel

    return RobertaModel(RobertaConfig(**_sizes(), num_hidden_layers=2, pad_token_id=1))


def _albert() -> Any:
    from transformers import AlbertConfig, AlbertModel

    return AlbertModel(AlbertConfig(**_sizes(), num_hidden_layers=3, embedding_size=16))


def _fnet() -> Any:
    from transformers import FNetConfig, FNetModel

    sizes = {name: size for name, size in _sizes().items() if name != "num_attention_heads"}
    return FNetModel(FNetConfig(**sizes, num_hidden_layers=2))


def _t5() -> Any:
    from transformers import T5Config, T5Model

    return T5Model(
        T5Config(
            vocab_size=VOCABULARY,
            d_model=32,
            d_kv=8,
            d_ff=64,
            num_heads=4,
            num_layers=3,
            num_decoder_layers=2,
            pad_token_id=0,
            decoder_start_token_id=0,
        )
    )


def _bart() -> Any:
    from transformers import BartConfig, BartModel

    return BartModel(
        BartConfig(
            vocab_size=VOCABULARY,
            d_model=32,
            encoder_layers=3,
            decoder_layers=2,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            max_position_embeddings=64,
            pad_token_id=1,
        )
    )


def _sizes() -> dict[str, int]:
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
    }


# How the tokenizer of each kind goes: the special tokens it knows, and what it puts around a text ("$A").
MODELS: dict[str, tuple[Callable[[], Any], dict[str, str], str]] = {
    "gpt2": (_gpt2, {"bos_token": "<|end|>", "eos_token": "<|end|>", "unk_token": "<|end|>"}, "$A"),
    "llama": (_llama, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}, "<s> $A"),
    "mixtral": (_mixtral, {"bos_token": "<s>", "eos_token": "</s>", "padding_side": "left"}, "<s> $A"),
    "neox": (_neox, {"eos_token": "<|end|>"}, "$A"),
    "opt": (_opt, {"bos_token": "</s>", "eos_token": "</s>", "pad_token": "<pad>"}, "</s> $A"),
    "bert": (
        _bert,
        {
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "mask_token": "[MASK]",
        },
        "[CLS] $A [SEP]",
    ),
    "roberta": (_roberta, {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>"}, "<s> $A </s>"),
    "albert": (_albert, {"pad_token": "<pad>", "cls_token": "[CLS]", "sep_token": "[SEP]"}, "[CLS] $A [SEP]"),
    "fnet": (_fnet, {"pad_token": "<pad>", "cls_token": "[CLS]", "sep_token": "[SEP]"}, "[CLS] $A [SEP]"),
    "t5": (_t5, {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}, "$A </s>"),
    "bart": (_bart, {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>"}, "<s> $A </s>"),
}
KINDS = tuple(MODELS)
DECODERS = ("gpt2", "llama", "mixtral", "neox", "opt")


def save_tiny(kind: str, folder: Path) -> Path:
    """Save a kind's tiny model, seeded, with its tokenizer, which knows every text by its bytes."""
    import torch

    torch.manual_seed(KINDS.index(kind))
    MODELS[kind][0]().save_pretrained(folder)
    save_tokenizer(kind, folder)
    return folder


def save_tokenizer(kind: str, folder: Path) -> None:
    """Save a kind's tokenizer alone."""
    _, special, template = MODELS[kind]
    _tokenizer(special, template).save_pretrained(folder)


def _tokenizer(special: dict[str, str], template: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    names = list(dict.fromkeys(token for role, token in special.items() if role.endswith("_token")))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=names,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    around = [(name, tokenizer.token_to_id(name)) for name in template.split() if name != "$A"]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=around)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
