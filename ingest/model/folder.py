"""The files of a model's folder: which of them determine what the model computes, and what else a folder may be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from mri_core.errors import ModelError

CONFIG = "config.json"
ADAPTER = "adapter_config.json"
RULE = "A model's folder holds a config.json, weights and a tokenizer"
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
# Files that transformers looks for, in this order.
CHECKPOINTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
OTHER_WEIGHTS = ("*.onnx", "*.h5", "*.msgpack", "*.ot", "*.pth", "*.pt")
# Files that our loaders never read. All others are part of a model's identity, also those that only some models read.
IDLE_FILES = (
    "README*",
    "LICENSE*",
    "NOTICE*",
    "USE_POLICY*",
    "*.md",
    ".*",
    "*.pyc",
    *("*.png", "*.jpg", "*.jpeg", "*.gif", "*.svg", "*.webp", "*.pdf"),
    *("*.onnx", "*.onnx_data", "*.h5", "*.msgpack", "*.ot", "*.tflite", "*.mlmodel", "*.pb", "*.gguf"),
    *("optimizer*", "scheduler*", "rng_state*", "scaler.pt", "training_args.bin", "trainer_state.json"),
    *("all_results.json", "train_results.json", "eval_results.json", "events.out.tfevents.*"),
    # Pooling and training data of sentence-transformers: a study pools by --pooling.
    *("modules.json", "config_sentence_transformers.json", "sentence_*_config.json", "data_config.json"),
)
IDLE_FOLDERS = (
    *(".*", "__pycache__", "runs", "logs", "checkpoint-*", "global_step*", "original"),
    *("onnx", "openvino", "coreml", "flax", "tf", "[0-9]_*", "[0-9][0-9]_*"),
)
# The only files hashed in revisions of schema 2, whose studies can still be read again.
FORMER_FILES = (
    *("config.json", "*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin", "pytorch_model.bin.index.json"),
    *("tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges.txt"),
    *("*.model", "*.tiktoken", "*.py"),
)
DEPTH = 4  # of nested folders
SHOWN = 4
TEMPLATES = "additional_chat_templates/*.jinja"
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def deciding_files(folder: Path) -> list[Path]:
    """The files that enter a model's identity, sorted, including those of nested folders.

    Weights in a nested folder count if an index names them; else they belong to another model.
    """
    indexed = _indexed(folder)
    found = []
    for path in sorted(_files(folder)):
        name = path.relative_to(folder).as_posix()
        nested_weights = path.parent != folder and any(fnmatch(path.name, pattern) for pattern in WEIGHTS)
        if name in indexed or not (nested_weights or _is_idle(path.name)):
            found.append(path)
    return found


def folder_hash(folder: Path) -> str:
    """16 hex digits of a SHA-256 over the deciding files' paths within the folder and contents."""
    return _hash_of(folder, deciding_files(folder))


def former_hash(path: Path) -> str:
    """The revision that a folder or a GGUF file had in schema 2."""
    if path.is_file():
        return file_hash(path).hexdigest()[:16]
    files = (file for file in sorted(path.iterdir()) if file.is_file())
    return _hash_of(path, [file for file in files if any(fnmatch(file.name, name) for name in FORMER_FILES)])


def _hash_of(folder: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file_hash(file).digest())
    return digest.hexdigest()[:16]


def gguf_hash(file: Path) -> str:
    """The hash of a GGUF file, and of the tokenizer settings and chat templates that are read from its folder."""
    settings = sorted(
        path
        for pattern in ("tokenizer*.json", "special_tokens_map.json", "added_tokens.json", "*.jinja", TEMPLATES)
        for path in file.parent.glob(pattern)
        if path.is_file()
    )
    own = file_hash(file)
    if not settings:
        return own.hexdigest()[:16]
    digest = hashlib.sha256(own.digest())
    for path in settings:
        digest.update(path.relative_to(file.parent).as_posix().encode() + b"\0" + file_hash(path).digest())
    return digest.hexdigest()[:16]


def file_hash(file: Path) -> hashlib._Hash:
    """SHA-256 of a file, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256")


def check_folder(folder: Path) -> None:
    """Refuse a folder that no model can be loaded from, and say what it is instead.

    Raises:
        ModelError: it is a pipeline of several models, of another framework or format; its files are pointers to what
            was not fetched, or some are missing; or the model lies deeper.
    """
    if (folder / "model_index.json").is_file():
        raise _is_pipeline(folder)
    if not (folder / CONFIG).is_file():
        raise _without_config(folder)
    check_pointers(folder)
    if "transformers_weights" not in _json(folder / CONFIG):  # which names them otherwise
        _check_weights(folder)


def _is_pipeline(folder: Path) -> ModelError:
    part = next((name for name in ("text_encoder", "text_encoder_2") if (folder / name / CONFIG).is_file()), None)
    remedy = f"Give its text model, {folder / part}, once its tokenizer's files are copied there" if part else ""
    fact = f"{folder.name!r} is a diffusers pipeline of several models"
    return ModelError("A model is a transformer that reads text", fact, remedy)


def _without_config(folder: Path) -> ModelError:
    gguf = sorted(file.name for file in folder.glob("*.gguf"))
    deeper = [str(path.parent) for path in _configs(folder)]
    other = sorted(file.name for pattern in OTHER_WEIGHTS for file in folder.glob(pattern))
    if gguf:
        named = _few([f"{folder.name}/{name}" for name in gguf])
        return ModelError(RULE, f"{folder.name!r} has no config.json", f"Name the GGUF file itself: {named}")
    if deeper:
        where = "one lies deeper" if len(deeper) == 1 else f"{len(deeper)} lie deeper"
        fact = f"{folder.name!r} has no config.json, but {where}"
        return ModelError(RULE, fact, f"Give the folder itself: {_few(deeper)}")
    fact = f"{folder.name!r} has no config.json" + (f", only {_few(other)}" if other else "")
    return ModelError(RULE, fact, "Save it with save_pretrained of transformers, model and tokenizer")


def check_pointers(folder: Path) -> None:
    """Raises `ModelError` if a deciding file is a Git LFS pointer."""
    pointers = [path.relative_to(folder).as_posix() for path in deciding_files(folder) if _is_pointer(path)]
    if pointers:
        fact = f"{pointers[0]} of {folder.name!r} is a Git LFS pointer ({len(pointers)} such), the content is not there"
        raise ModelError("A model's files hold their content", fact, "Fetch it with `git lfs pull` in that folder")


def _check_weights(folder: Path) -> None:
    """Checks the weights that transformers would load; a stale index of others does no harm."""
    checkpoint = next((folder / name for name in CHECKPOINTS if (folder / name).is_file()), None)
    if checkpoint is None:
        raise _without_weights(folder)
    parts = sorted(_shards(checkpoint)) if checkpoint.suffix == ".json" else [checkpoint.name]
    absent = [name for name in parts if not (folder / name).is_file()]
    if absent:
        fact = f"{folder.name!r} lacks {len(absent)} of {len(parts)}: {_few(absent)}"
        raise ModelError("A checkpoint has all the parts that its index names", fact, "Fetch or copy them")
    empty = [name for name in parts if not (folder / name).stat().st_size]
    if empty:
        fact = f"{empty[0]} of {folder.name!r} is empty"
        raise ModelError("A model's files hold their content", fact, "Fetch or copy it again")


def _without_weights(folder: Path) -> ModelError:
    rule = "A model's folder holds its weights: model.safetensors or pytorch_model.bin, or parts with their index"
    others = (*WEIGHTS, *OTHER_WEIGHTS, "*/*.onnx", "*.gguf")
    other = sorted(file.relative_to(folder).as_posix() for pattern in others for file in folder.glob(pattern))
    deeper = sorted({str(path.parent) for name in CHECKPOINTS for path in folder.glob(f"*/{name}")})
    fact = f"{folder.name!r} has none" + (f", only {_few(other)}" if other else "")
    remedy = (
        f"Give the folder that has some: {_few(deeper)}" if deeper else "Fetch them, or save it with save_pretrained"
    )
    return ModelError(rule, fact, remedy)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _is_pointer(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(LFS_POINTER)) == LFS_POINTER


def _files(folder: Path, depth: int = DEPTH) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if depth and not any(fnmatch(path.name, pattern) for pattern in IDLE_FOLDERS):
                yield from _files(path, depth - 1)
        elif path.is_file():
            yield path


def _is_idle(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in IDLE_FILES)


def _configs(folder: Path) -> list[Path]:
    """Configs of models one to three folders deeper: `checkpoint-500`, `0_Transformer`, `snapshots/<commit>`."""
    depths = (folder.glob(f"{'*/' * depth}{CONFIG}") for depth in (1, 2, 3))
    return next((paths for depth in depths if (paths := sorted(filter(_is_models, depth)))), [])


def _is_models(config: Path) -> bool:
    return "model_type" in _json(config)


def _indexed(folder: Path) -> set[str]:
    return {name for index in folder.glob("*.index.json") for name in _shards(index)}


def _shards(index: Path) -> set[str]:
    table = _json(index).get("weight_map")
    return {str(name) for name in table.values()} if isinstance(table, dict) else set()


def _json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
