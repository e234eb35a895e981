"""An adapter's folder: a PEFT config and weights that change a base model, which lies elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ingest.model.folder import ADAPTER, CHECKPOINTS, check_pointers, folder_hash
from mri_core.errors import ModelError
from mri_core.paths import user_path

WEIGHTS = "adapter_model.safetensors"
TOKENIZER = "tokenizer_config.json"
RULE = f"An adapter's folder holds {ADAPTER} and {WEIGHTS}"
# They put trained vectors before a text's own, or into attention, and change no weights of the base.
PROMPTS = (
    "PROMPT_TUNING",
    "MULTITASK_PROMPT_TUNING",
    "P_TUNING",
    "PREFIX_TUNING",
    "CPT",
    "ADAPTION_PROMPT",
    "CARTRIDGE",
)


@dataclass(frozen=True)
class AdapterFolder:
    """What an adapter's folder says.

    Attributes:
        folder: itself.
        base: its base model, as `base_model_name_or_path` names it.
        revision: of the base on the hub; None for its main branch.
        kind: as PEFT names it, such as LORA.
    """

    folder: Path
    base: str
    revision: str | None
    kind: str

    @property
    def has_tokenizer(self) -> bool:
        """Whether texts are read by a tokenizer of its own."""
        return (self.folder / TOKENIZER).is_file()

    def local_base(self) -> Path | None:
        """The base's folder or file: a path from anywhere, or from the adapter's folder; None if neither is there."""
        typed = user_path(self.base)
        return next((place for place in (self.folder / self.base, typed) if place.exists()), None)


def is_adapter_folder(folder: Path) -> bool:
    """Whether it has an adapter's config."""
    return (folder / ADAPTER).is_file()


def open_adapter(folder: Path) -> AdapterFolder:
    """Reads an adapter's config, and refuses what cannot be merged into a base.

    Raises:
        ModelError: the folder holds a whole model too, lacks weights, names no base, or is of a kind that changes no
            weights.
    """
    _refuse_whole_model(folder)
    config = read_config(folder)
    if not (folder / WEIGHTS).is_file():
        remedy = "Save it with save_pretrained of peft, or fetch the file"
        raise ModelError(RULE, f"{folder.name!r} has no {WEIGHTS}", remedy)
    check_pointers(folder)
    base, revision, kind = (config.get(key) for key in ("base_model_name_or_path", "revision", "peft_type"))
    if not isinstance(base, str) or not base:
        remedy = f"Write its name or folder there, as base_model_name_or_path in {ADAPTER}"
        raise ModelError("An adapter names its base model", f"{folder.name!r} names none", remedy)
    if str(kind).upper() in PROMPTS:
        fact = f"{folder.name!r} is of the kind {kind}, which adds trained vectors to the input and changes no weights"
        raise ModelError("An adapter is merged into its base's weights", fact, "Scan its base, or another adapter")
    return AdapterFolder(folder, base, str(revision) if revision else None, str(kind))


def adapter_hash(folder: Path, base_revision: str) -> str:
    """16 hex digits of a SHA-256 over the base's identity and the adapter's files."""
    return hashlib.sha256(f"{base_revision} {folder_hash(folder)}".encode()).hexdigest()[:16]


def _refuse_whole_model(folder: Path) -> None:
    """Such a folder may hold an adapter's base, or what the adapter was merged into already: nothing says which."""
    whole = next((name for name in CHECKPOINTS if (folder / name).is_file()), None)
    if whole is None:
        return
    fact = f"{folder.name!r} has both {whole} and {ADAPTER}, which may or may not be merged into it already"
    remedy = "Move the adapter_* files to a folder of their own, and give that for the adapter or this for the model"
    raise ModelError("A folder holds a whole model or an adapter", fact, remedy)


def read_config(folder: Path) -> dict[str, object]:
    """The settings of an adapter; raises `ModelError` if there are none."""
    try:
        config = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(RULE, f"{ADAPTER} of {folder.name!r} is no JSON", "Save or fetch it again") from error
    if not isinstance(config, dict):
        raise ModelError(RULE, f"{ADAPTER} of {folder.name!r} holds no settings", "Save or fetch it again")
    return config
