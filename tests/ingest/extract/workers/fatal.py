"""A model that ends its own process, as a shortage of memory would; workers import it by name."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.model.loading import LoadedModel, load
from ingest.model.source import resolve


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


class Doomed:
    """Ends its process when the model is loaded."""

    def __call__(self) -> LoadedModel:
        os._exit(1)
