"""A model that ends its own process, as a shortage of memory would; workers import it by name."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.model.loading import LoadedModel, load
from ingest.model.source import resolve
from ingest.model.tokens import TextEncoder


@dataclass(frozen=True)
class Loader:
    """Loads a model as it is.

    Attributes:
        folder: of the model.
    """

    folder: Path

    def __call__(self) -> LoadedModel:
        return load(resolve(str(self.folder)), max_length=None)


@dataclass(frozen=True)
class Fatal(Loader):
    """Loads a model whose process ends when it runs a batch of so many padded tokens a text.

    Attributes:
        length: of that batch.
        times: how often a process ends; then the batch runs.
        deaths: a folder with a file for each.
    """

    length: int
    times: int
    deaths: Path

    def __call__(self) -> LoadedModel:
        model = super().__call__()

        def end(module: Any, args: Any, kwargs: Any) -> None:
            if kwargs["input_ids"].shape[1] == self.length and len(list(self.deaths.iterdir())) < self.times:
                (self.deaths / uuid.uuid4().hex).touch()
                os._exit(1)

        model.stack.register_forward_pre_hook(end, with_kwargs=True)
        return model


@dataclass(frozen=True)
class Narrow(Loader):
    """Loads a model that runs out of memory on batches of more padded tokens.

    Attributes:
        tokens: that fit.
    """

    tokens: int

    def __call__(self) -> LoadedModel:
        model = super().__call__()

        def check(module: Any, args: Any, kwargs: Any) -> None:
            if kwargs["input_ids"].numel() > self.tokens:
                raise MemoryError

        model.stack.register_forward_pre_hook(check, with_kwargs=True)
        return model


@dataclass(frozen=True)
class Doomed(Loader):
    """Ends its process instead of loading the model.

    Attributes:
        times: how often; then the model is loaded.
        deaths: a folder with a file for each.
    """

    times: int
    deaths: Path

    def __call__(self) -> LoadedModel:
        if len(list(self.deaths.iterdir())) < self.times:
            (self.deaths / uuid.uuid4().hex).touch()
            os._exit(1)
        return super().__call__()


@dataclass(frozen=True)
class Mute(Loader):
    """Loads a model whose process ends when it is first to encode texts.

    Attributes:
        times: how often a process ends; then texts are encoded.
        deaths: a folder with a file for each.
    """

    times: int
    deaths: Path

    def __call__(self) -> LoadedModel:
        model = super().__call__()
        return replace(model, encoder=_Mute(model.encoder, self))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Mute:
    encoder: TextEncoder
    loader: Mute

    def __getattr__(self, name: str) -> Any:
        return getattr(self.encoder, name)

    def encode(self, texts: Any, max_length: int) -> Any:
        if len(list(self.loader.deaths.iterdir())) < self.loader.times:
            (self.loader.deaths / uuid.uuid4().hex).touch()
            os._exit(1)
        return self.encoder.encode(texts, max_length)
