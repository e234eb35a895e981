"""Who runs a scan's model, and how it is loaded there: this process, or the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.extract.poolings import POOLINGS
from ingest.model.device import Place, find_place, place_on
from ingest.model.memory import held_place
from ingest.model.source import ModelSource, absolute
from ingest.model.split import split_over
from ingest.request import Request
from mri_core.atlas.placing import check_widths
from mri_core.paths import lay_in_memory

if TYPE_CHECKING:
    from ingest.extract.extraction import Executor
    from ingest.extract.reader import Reading
    from ingest.model.loading import LoadedModel


def place_of(request: Request) -> Place:
    """Where the model runs. A worker's device is known before there is a worker: a ready study needs none."""
    if lay_in_memory(request.model):
        return held_place(request.model)
    if request.engine == "local":
        return _as_split(request, find_place(request.device, request.dtype))
    return _as_split(request, place_on("cuda" if request.gpus_per_worker else "cpu", request.dtype))


def place_again(request: Request, device: str, dtype: str) -> Place:
    """A place in this process for a study's model, over which it is split as it was, if the place has room for parts.

    Raises:
        UsageError: the device is not there.
        ModelError: the model was given loaded, and this process does not have it.
    """
    if lay_in_memory(request.model):
        return held_place(request.model)
    place = find_place(device, dtype)
    return place if place.device == "mps" else _as_split(request, place)


def _as_split(request: Request, place: Place) -> Place:
    return split_over(place, request.split_memory) if request.split else place


def load_as_asked(request: Request, source: ModelSource, place: Place, *, head: bool = False) -> LoadedModel:
    """The model as requested, ready to read texts; raises what `load` and the checks of pooling and controls raise.

    Args:
        request: the options.
        source: the model.
        place: where it runs.
        head: as `load` takes it.
    """
    from ingest.model.loading import load
    from ingest.model.random_weights import check_can_be_redrawn
    from ingest.model.tokens import prompted

    model = load(
        source,
        max_length=request.max_length,
        site=request.site,
        stack=request.stack,
        place=place,
        trust_remote_code=request.trust_remote_code,
        head=head,
    )
    if request.controls:
        check_can_be_redrawn(model)
    if not request.force:
        POOLINGS.named(request.pooling).check(causal=model.causal)
    encoder = prompted(model.encoder, request.template, chat=request.chat, max_length=model.max_length)
    return replace(model, encoder=encoder)


@dataclass(frozen=True)
class ModelLoader:
    """Loads a scan's model, in this process or a worker's on any machine; the attributes are those of `ModelScan`."""

    request: Request
    source: ModelSource
    place: Place
    random_blocks: int | None
    embeddings: bool
    widths: tuple[int, ...]

    def __call__(self) -> LoadedModel:
        """The model, ready to read texts; raises what `load_as_asked` raises."""
        from ingest.model.random_weights import reinitialise
        from ingest.model.token_embeddings import token_embeddings

        model = load_as_asked(self.request, self.source, self.place)
        if self.widths:
            check_widths(self.widths, model.widths)
        if self.random_blocks is not None:
            reinitialise(model, self.random_blocks)
        return token_embeddings(model) if self.embeddings else model


def executor(
    request: Request, load: ModelLoader, reading: Reading, note: Callable[[str], None]
) -> AbstractContextManager[Executor]:
    """Who runs the model, with the model loaded."""
    if request.engine == "ray":
        from ingest.extract.workers.cluster import ClusterOptions
        from ingest.extract.workers.pool import workers

        options = ClusterOptions(request.ray_address, request.workers, request.gpus_per_worker or 0.0)
        return workers(options, replace(load, source=absolute(load.source)), reading, note)
    from ingest.extract.extraction import here

    return here(load(), reading, note)
