"""Activations on disk: found again by what they depend on, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.cache import cached
from ingest.extraction import Extraction
from mri_core.errors import MriError
from mri_core.records import Activations

IDENTITY = {"corpus": "abc", "model": "m", "max_length": None}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of activations in a cache of its own."""
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "activations"


class Scan:
    """Writes seeded rows as a scan does, and counts how often."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, folder: Path) -> Extraction:
        self.runs += 1
        layers = tuple(np.random.default_rng(i).normal(size=(7, 3)).astype("float32") for i in range(2))
        for index, rows in enumerate(layers):
            np.save(folder / f"L{index}.npy", rows)
        tokens = np.arange(1, 8, dtype=np.int32)
        np.save(folder / "tokens.npy", tokens)
        return Extraction(
            activations=Activations(layers, tokens),
            cut={"a": 2, "\x1b": 1},
            sinks_left_out=(0, 3),
            without_tokens=1,
            tokens_total=28,
            max_length=64,
            warnings=("Beware.",),
        )


def assert_same(found: Extraction, expected: Extraction) -> None:
    for name in ("cut", "sinks_left_out", "without_tokens", "tokens_total", "max_length", "warnings"):
        assert getattr(found, name) == getattr(expected, name)
    for ours, theirs in zip(found.activations.layers, expected.activations.layers, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(found.activations.tokens, expected.activations.tokens)


def test_what_was_made_once_is_found_again_with_all_its_facts(cache: Path, tmp_path: Path) -> None:
    scan = Scan()
    first, second = cached(IDENTITY, scan), cached(IDENTITY, scan)
    assert scan.runs == 1
    other = tmp_path / "apart"
    other.mkdir()
    expected = Scan()(other)
    assert_same(first, expected)
    assert_same(second, expected)
    assert isinstance(second.activations.layers[0], np.memmap)


@pytest.mark.parametrize("change", [{"max_length": 64}, {"model": "n"}, {"more": 1}])
def test_another_identity_is_made_anew(change: dict[str, object], cache: Path) -> None:
    scan = Scan()
    cached(IDENTITY, scan)
    cached({**IDENTITY, **change}, scan)
    assert scan.runs == 2
    assert len(list(cache.iterdir())) == 2


def test_the_order_of_an_identity_does_not_matter(cache: Path) -> None:
    scan = Scan()
    cached(IDENTITY, scan)
    cached(dict(reversed(IDENTITY.items())), scan)
    assert scan.runs == 1


def _flip_a_bit(folder: Path) -> None:
    content = bytearray((folder / "L1.npy").read_bytes())
    content[-1] ^= 1
    (folder / "L1.npy").write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": _flip_a_bit,
    "a file cut short": lambda folder: os.truncate(folder / "L0.npy", 100),
    "a missing layer": lambda folder: (folder / "L1.npy").unlink(),
    "no token counts": lambda folder: (folder / "tokens.npy").unlink(),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "a broken manifest": lambda folder: (folder / "manifest.json").write_text("{"),
    "a manifest of another form": lambda folder: (folder / "manifest.json").write_text("[1]"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_activations_are_made_anew(damage: str, cache: Path, tmp_path: Path) -> None:
    scan = Scan()
    cached(IDENTITY, scan)
    (folder,) = cache.iterdir()
    DAMAGES[damage](folder)
    found = cached(IDENTITY, scan)
    assert scan.runs == 2
    (tmp_path / "apart").mkdir()
    assert_same(found, Scan()(tmp_path / "apart"))
    cached(IDENTITY, scan)
    assert scan.runs == 2
    assert list(cache.iterdir()) == [folder]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MriError("no"), MemoryError])
def test_a_scan_that_fails_leaves_nothing(failure: BaseException | type[BaseException], cache: Path) -> None:
    def fail(folder: Path) -> Extraction:
        (folder / "L0.npy").write_bytes(b"half")
        raise failure

    with pytest.raises(failure if isinstance(failure, type) else type(failure)):
        cached(IDENTITY, fail)
    assert list(cache.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_away_and_what_a_living_one_writes_is_not(cache: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left, living = cache / f".partial-{gone.pid}-x", cache / f".partial-{os.getppid()}-x"
    for folder in (left, living):
        folder.mkdir(parents=True)
        (folder / "L0.npy").write_bytes(b"half")
    cached(IDENTITY, Scan())
    assert not left.exists()
    assert living.exists()


def test_a_cache_that_cannot_be_written_is_one_line_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "file"))
    with pytest.raises(MriError, match="Set MRI_CACHE to another folder"):
        cached(IDENTITY, Scan())
