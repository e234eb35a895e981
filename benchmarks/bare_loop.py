"""The obvious loop, which `end_to_end.py` and `extraction.py` set a scan against: sort by length, batch, mean of the
last layer.

    python benchmarks/bare_loop.py CORPUS [MODEL [DTYPE]]

Prints one JSON object: seconds to import and load the model, and of the loop, tokenising included.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import Any, NamedTuple

from ingest.corpus.corpus import open_corpus
from ingest.model.source import ModelSource, resolve

BATCH_TOKENS, MAX_LENGTH = 4_096, 512  # as a scan on a CPU has them
DEFAULTS = ("minilm", "float32")  # model and dtype


class Ran(NamedTuple):
    """Tokens of the texts, tokens with padding, and a row for each text, the longest first."""

    tokens: int
    padded: int
    rows: Any


def load_bare(source: ModelSource) -> tuple[Any, Any]:
    """Tokenizer and model in float32."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    files = {"gguf_file": source.gguf_file} if source.gguf_file else {}
    tokenizer = AutoTokenizer.from_pretrained(source.folder_or_repo, **files)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return tokenizer, AutoModel.from_pretrained(source.folder_or_repo, dtype=torch.float32, **files).eval()


def loop(tokenizer: Any, model: Any, texts: list[str], dtype: str = "float32") -> Ran:
    """Runs the texts; in bfloat16 under autocast."""
    import torch

    encoded = sorted(tokenizer(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"], key=len, reverse=True)
    tokens = padded = 0
    rows = []
    computing = nullcontext() if dtype == "float32" else torch.autocast("cpu", getattr(torch, dtype))
    with torch.inference_mode(), computing:
        while encoded:
            size = max(1, BATCH_TOKENS // len(encoded[0]))
            batch = tokenizer.pad({"input_ids": encoded[:size]}, return_tensors="pt")
            mask = batch["attention_mask"].unsqueeze(2)
            states = model(**batch).last_hidden_state
            rows.append((states * mask).sum(dim=1) / mask.sum(dim=1))
            tokens, padded = tokens + int(mask.sum()), padded + mask.numel()
            encoded = encoded[size:]
    return Ran(tokens, padded, torch.cat(rows))


def main() -> None:
    """Measures and prints."""
    corpus, model_name, dtype, *_ = [*sys.argv[1:], *DEFAULTS[len(sys.argv) - 2 :]]
    texts = [document.text for document in open_corpus(corpus)]
    source = resolve(model_name)
    start = time.perf_counter()
    tokenizer, model = load_bare(source)
    loaded = time.perf_counter()
    ran = loop(tokenizer, model, texts, dtype)
    ended = time.perf_counter()
    result = {
        "benchmark": "bare_loop",
        "documents": len(ran.rows),
        "tokens": ran.tokens,
        "seconds": {"load_model": round(loaded - start, 3), "activations": round(ended - loaded, 3)},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
