"""Loads a model for reading: its base without a head, on its device, with the facts a scan needs."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.model.adapter_folder import open_adapter
from ingest.model.device import CPU, Place
from ingest.model.memory import check_unwritten, copied
from ingest.model.source import ModelSource, resolve
from ingest.model.split import check_can_be_split, check_computes, lies_on, offload, placing
from mri_core.errors import ModelError, MriError, UsageError
from mri_core.paths import lay_in_memory
from mri_core.records.arrays import Stack

if TYPE_CHECKING:  # a repeated run resolves a model and loads none: it needs no torch
    from torch import Tensor, nn

    from ingest.model.anatomy.blocks import Blocks
    from ingest.model.sites import Readable
    from ingest.model.tokens import TextEncoder

__all__ = ["LoadedModel", "ModelSource", "load", "resolve"]

DEFAULT_MAX_LENGTH = 512
HEADS = ("ForCausalLM", "LMHeadModel")  # ends of the names of causal models with a head
NO_LIMIT = 1_000_000  # tokenizers without a limit state 10^30


@dataclass(frozen=True)
class LoadedModel:
    """A base model in evaluation mode.

    Attributes:
        source: where it came from.
        stack: the part that is run: the whole model, or the encoder of an encoder–decoder.
        site: where its layers are read: the residual stream, or what attention or MLP add to it.
        stream: the blocks whose layers they are, whatever the site.
        blocks: all that are run, an encoder's too where it feeds the decoder that is read.
        encoder: turns texts to token ids.
        widths: of the states in each layer.
        lead: positions of the stack's own before the text's first: a decoder's start token, which no pooling reads.
        max_length: tokens that a text is truncated to, special tokens included.
        causal: no position sees a later one.
        respects_padding_mask: padding changes nothing, so that texts of different lengths can share a batch.
        is_fixed: no pass changes the model or draws at random: its passes need no watching.
        warnings: what the user should know, a sentence each.
        place: where it runs, and in what type it computes.
        lies_on: the cards that hold a split model, then `memory` and `disk`; empty for one that lies in one place.
        language_model: the same weights with their language-modelling head, if that was asked for and there is one.
    """

    source: ModelSource
    stack: nn.Module
    site: Readable
    stream: Blocks
    blocks: tuple[nn.Module, ...]
    encoder: TextEncoder
    widths: tuple[int, ...]
    lead: int
    max_length: int
    causal: bool
    respects_padding_mask: bool
    is_fixed: bool
    warnings: tuple[str, ...]
    place: Place
    lies_on: tuple[str, ...] = field(default=(), kw_only=True)
    language_model: nn.Module | None = field(default=None, kw_only=True)

    @property
    def layers(self) -> int:
        """Blocks + 1 of the residual stream, else blocks."""
        return len(self.widths)

    @property
    def starts_bare(self) -> bool:
        """Whether a causal stack's first position belongs to the text, which makes it an attention sink."""
        return self.causal and not self.lead

    @property
    def dtype(self) -> str:
        """What matrix products are computed in."""
        from ingest.model.device import type_name

        if self.place.dtype != "checkpoint":
            return self.place.dtype
        return type_name(next(weights.dtype for weights in self.stack.parameters() if weights.is_floating_point()))

    def own_states(self, states: Tensor, positions: Tensor) -> Tensor:
        """(texts, length, width) float32 states of the texts' own positions, from a site's states of a batch.

        They follow the stack's own start positions, if any.

        Args:
            states: as a reader of the site is given them.
            positions: (texts, length) of the batch, for its shape.
        """
        from ingest.model.anatomy.blocks import as_stream

        texts, length = positions.shape
        return as_stream(states, texts)[:, self.lead : self.lead + length].float()

    def run(self, ids: Tensor, attended: Tensor, reader: Callable[[int, Tensor], None]) -> None:
        """One forward pass over a batch on the model's device.

        Args:
            ids: (texts, length) token ids, padded on the right.
            attended: (texts, length) which of them are real.
            reader: called with a layer's index and its states, from which `own_states` takes the texts'.

        Raises:
            ModelError: the model fails on the batch.
            RuntimeError: its memory runs out.
        """
        from ingest.model.anatomy.passes import forward

        with self.site.read_by(reader):
            forward(self.stack, ids, attended, watched=not self.is_fixed)


def load(
    source: ModelSource,
    *,
    max_length: int | None,
    site: str = "residual",
    stack: Stack | None = None,
    place: Place = CPU,
    trust_remote_code: bool = False,
    head: bool = False,
) -> LoadedModel:
    """Load a model and its tokenizer, and determine the facts that a scan needs.

    Args:
        source: as `resolve` gave it.
        max_length: tokens that a text is truncated to; None for what the model can take, at most 512.
        site: where in each block its states are read.
        stack: which stack of an encoder–decoder is read; None for its encoder, or a model's only stack.
        place: where it runs, and in what type it computes.
        trust_remote_code: run code that the model brings along.
        head: load a causal model's language-modelling head as well, if its checkpoint has one.

    Raises:
        ModelError: it cannot be loaded, not be read as a transformer, or has no such site.
        UsageError: the processor does not compute in the place's type; `max_length` is more than the model can take, or
            leaves no room for a text; another stack was requested than the model's only one.
    """
    from ingest.model.anatomy import examination
    from ingest.model.anatomy.stacks import check_only_stack, choose_stack, find_tower
    from ingest.model.anatomy.taps import compute_within
    from ingest.model.silence import silent_libraries
    from ingest.model.tokens import text_encoder

    _need_packages(source)
    place.check()
    if place.split:
        check_can_be_split(source)
    with (
        silent_libraries(),
        redirect_stderr(io.StringIO()),  # the GGUF reader's own bar
        _explained(source),
        offload() if place.split else nullcontext() as apart,
    ):
        placed = {"dtype": place.weights} | ({} if apart is None else placing(place, apart.folder))
        in_memory = lay_in_memory(source.folder_or_repo)
        loaded, merged = (
            (_from_memory(source, head), ()) if in_memory else _with_adapter(source, placed, trust_remote_code, head)
        )
        tokenizer, missing = loaded.tokenizer, loaded.missing
        model = loaded.model
        if not place.split:
            model.to(place.device)
            if loaded.language_model is not None:
                loaded.language_model.to(place.device)  # its head is not the base's
        tower = find_tower(model)
        whole = model if tower is None else tower[1]
        run = choose_stack(whole, stack)
        if apart is not None:
            apart.remove_with(run)
            check_computes(run)
        run.config.use_cache = False  # a scan reads a text once
        warnings = (*merged, *_tower_read(model, tower), *examination.missing_weights(model, run, missing))
        encoder = text_encoder(tokenizer, examination.vocabulary_size(run))
        frame = encoder.with_bos().frame
        length = _max_length(source, examination.position_limit(run), tokenizer.model_max_length, frame, max_length)
        anatomy = examination.examine(run, encoder, length, site)
        if loaded.shares:
            check_unwritten(run, source.name)
        if place.is_autocast:
            compute_within(anatomy.blocks, place.lowered)
        if not whole.config.is_encoder_decoder:
            check_only_stack(run, stack, causal=anatomy.causal)
    return LoadedModel(
        source,
        run,
        anatomy.site,
        anatomy.stream,
        anatomy.blocks,
        encoder,
        anatomy.widths,
        anatomy.lead,
        length,
        anatomy.causal,
        anatomy.respects_padding_mask,
        anatomy.is_fixed,
        (*warnings, *anatomy.warnings),
        place,
        lies_on=lies_on(loaded.language_model or model),
        language_model=loaded.language_model if run is model and anatomy.causal else None,
    )


def _need_packages(source: ModelSource) -> None:
    if source.base is not None and find_spec("peft") is None:
        fact = f"{source.name!r} is an adapter, and peft is not installed"
        raise ModelError(
            "Adapters are read with the package peft", fact, 'Install it: pip install "llm-mri-graph[peft]"'
        )
    absent = [package for package in ("gguf", "accelerate") if source.gguf_file and find_spec(package) is None]
    if absent:
        raise ModelError(
            "A GGUF file is read with the packages gguf and accelerate",
            f"Not installed: {', '.join(absent)}",
            'Install them: pip install "llm-mri-graph[gguf]"',
        )


class _Loaded(NamedTuple):
    """A tokenizer, a base model, the names of the weights that its checkpoint lacks, and the model with its head."""

    tokenizer: Any
    model: Any
    missing: set[str]
    language_model: Any = None
    shares: bool = False  # its weights with a model of the caller's


def _from_memory(source: ModelSource, head: bool) -> _Loaded:
    """A copy of a loaded model without its head, and with it if that is asked for and the model is a causal one."""
    whole, tokenizer, shares = copied(source.folder_or_repo)
    base = whole.base_model
    causal = head and type(whole).__name__.endswith(HEADS) and base is not whole and _is_scanned(whole, base)
    return _Loaded(tokenizer, base, set(), whole if causal else None, shares)


def _with_adapter(
    source: ModelSource, placed: dict[str, Any], trust_remote_code: bool, head: bool
) -> tuple[_Loaded, tuple[str, ...]]:
    """As `_from_pretrained`, with warnings; of an adapter, its base with it merged, and its own tokenizer if any."""
    if source.base is None:
        return _from_pretrained(source, placed, trust_remote_code, head), ()
    from transformers import AutoTokenizer

    from ingest.model.adapter import changes_head, merge_adapter

    adapter = open_adapter(Path(source.folder_or_repo))
    with _explained(source.base):
        loaded = _from_pretrained(source.base, placed, trust_remote_code, head)
    if adapter.has_tokenizer:
        tokenizer = AutoTokenizer.from_pretrained(adapter.folder, trust_remote_code=trust_remote_code)
        loaded = loaded._replace(tokenizer=tokenizer)
    told = [f"{source.name} is an adapter: its base {source.base.name} is read with it merged into its weights."]
    if loaded.language_model is not None and changes_head(loaded.model, adapter.folder):
        told.append("Its loss is not read: the adapter changes the head or the embeddings too, which are not merged.")
        loaded = loaded._replace(language_model=None)
    return loaded, (*told, *merge_adapter(loaded.model, adapter.folder))


def _from_pretrained(source: ModelSource, placed: dict[str, Any], trust_remote_code: bool, head: bool) -> _Loaded:
    """The model, with the arguments that say where its weights are put and in what type."""
    from transformers import AutoModel, AutoTokenizer

    options: dict[str, Any] = {"trust_remote_code": trust_remote_code}
    if source.gguf_file:
        options["gguf_file"] = source.gguf_file
    if source.folder_or_repo == source.name:  # on the hub: a local folder has no revision
        options["revision"] = source.revision
    tokenizer = AutoTokenizer.from_pretrained(source.folder_or_repo, **options)
    options |= {**placed, "output_loading_info": True, "ignore_mismatched_sizes": True}
    if head and _states_head(source, options):
        whole = _with_head(source, tokenizer, options)
        if whole is not None:
            return whole
    model, loading = AutoModel.from_pretrained(source.folder_or_repo, **options)
    _check_sizes(loading)
    return _Loaded(tokenizer, model.eval(), set(loading["missing_keys"]))


def _states_head(source: ModelSource, options: dict[str, Any]) -> bool:
    """Whether a checkpoint is a causal model's with its language-modelling head, as far as its config says."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig

    known = {name: options[name] for name in ("trust_remote_code", "revision", "gguf_file") if name in options}
    config = AutoConfig.from_pretrained(source.folder_or_repo, **known)
    stated = bool(source.gguf_file) or any(name.endswith(HEADS) for name in config.architectures or ())
    brought = "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    return stated and (brought or type(config) in MODEL_FOR_CAUSAL_LM_MAPPING)


def _with_head(source: ModelSource, tokenizer: Any, options: dict[str, Any]) -> _Loaded | None:
    """A causal model; None if its base is not what a scan reads, or its checkpoint lacks a weight of the head."""
    from transformers import AutoModelForCausalLM

    whole, loading = AutoModelForCausalLM.from_pretrained(source.folder_or_repo, **options)
    _check_sizes(loading)
    base, prefix = whole.eval().base_model, f"{whole.base_model_prefix}."
    if base is whole or not _is_scanned(whole, base):
        return None
    missing = set(loading["missing_keys"])
    within = {name.removeprefix(prefix) for name in missing if name.startswith(prefix)}
    return _Loaded(tokenizer, base, within, whole) if len(within) == len(missing) else None


def _is_scanned(whole: Any, base: Any) -> bool:
    """Whether the base of a model with a head is what `AutoModel` loads for its config."""
    from transformers import MODEL_MAPPING

    scanned = MODEL_MAPPING.get(type(whole.config), None)
    known = scanned if isinstance(scanned, tuple) else (scanned,)
    brought = str((getattr(whole.config, "auto_map", None) or {}).get("AutoModel", ""))
    return type(base) in known or brought.rpartition(".")[2] == type(base).__name__


def _check_sizes(loading: dict[str, Any]) -> None:
    if loading["mismatched_keys"]:
        name, found, expected = min(loading["mismatched_keys"])
        fact = f"{name} is {tuple(found)} in the checkpoint and {tuple(expected)} by the config"
        raise ModelError("A checkpoint's weights have the sizes that its config states", fact)


def _tower_read(model: Any, tower: tuple[str, Any] | None) -> tuple[str, ...]:
    if tower is None:
        return ()
    path, part = tower
    return (
        f"{type(model).__name__} needs more than text: its text tower alone is read, {path} ({type(part).__name__})",
    )


def _max_length(source: ModelSource, limit: int | None, stated: int, frame: int, wanted: int | None) -> int:
    """Maximum tokens of a text: as wanted, else what model and tokenizer state, at most `DEFAULT_MAX_LENGTH`."""
    if wanted is None:
        return min(DEFAULT_MAX_LENGTH, limit or NO_LIMIT, stated if 0 < stated < NO_LIMIT else NO_LIMIT)
    if limit is not None and wanted > limit:
        raise UsageError(
            "--max-length is at most what the model takes", f"{source.name} takes {limit} tokens, not {wanted}"
        )
    if wanted <= frame:
        fact = f"{source.name} puts special tokens around a text ({frame}), --max-length is {wanted}"
        raise UsageError("--max-length must leave room for a text", fact, f"Take at least {frame + 1}")
    return wanted


@contextmanager
def _explained(source: ModelSource) -> Iterator[None]:
    try:
        yield
    except MriError:
        raise
    except Exception as error:  # each library that reads checkpoints has its own errors
        raise _explanation(source, error) from error


def _broken_weights(folder: Path) -> dict[str, str]:
    """Why weight files cannot be opened, by file name, which the library's own error lacks."""
    from safetensors import SafetensorError, safe_open

    broken = {}
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else ():
        try:
            with safe_open(path, "pt"):
                pass
        except (SafetensorError, OSError) as error:
            broken[path.name] = textwrap.shorten(str(error), 100, placeholder=" …")
    return broken


def _explanation(source: ModelSource, error: Exception) -> ModelError:
    if "trust_remote_code" in str(error):
        return ModelError(
            "Code that a model brings along is not run unasked",
            f"{source.name} needs code of its own",
            "Add --trust-remote-code if you trust its author",
        )
    if broken := _broken_weights(Path(source.folder_or_repo)):
        fact = "; ".join(f"{name}: {reason}" for name, reason in broken.items())
        return ModelError("A model's weights are whole files", fact, "Download or save them again")
    fact = textwrap.shorten(str(error) or type(error).__name__, 300, placeholder=" …")
    remedy = f"Install it: pip install {error.name}" if isinstance(error, ModuleNotFoundError) and error.name else ""
    return ModelError(f"The model {source.name!r} cannot be loaded", fact, remedy)
