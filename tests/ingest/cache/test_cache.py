"""Activations on disk: found again by what they depend on, copied from other corpora, mended where damaged."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from ingest.cache.cached import cached
from ingest.corpus.corpus import Corpus, open_corpus
from ingest.extract.records import Conditions, Extraction, OpenRows, RowStore, TokenFacts
from mri_core.atlas.compact import compact_widths, placed_rows
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.errors import MriError
from mri_core.records.arrays import Activations, Atlas, AtlasSpec

SETTINGS = {"model": "m", "max_length": None}
WIDTHS = (3, 5)
CONDITIONS = Conditions(64, ("Beware.",))
TEXTS = tuple(f"text {number}" for number in range(20))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of activations in a cache of its own."""
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "activations"


def corpus_of(folder: Path, texts: Sequence[str], labels: str = "ab") -> Corpus:
    """A corpus of these texts, labelled in turn."""
    path = folder / f"corpus-{abs(hash((tuple(texts), labels)))}.csv"
    rows = (f"{text},{labels[place % len(labels)]}\n" for place, text in enumerate(texts))
    path.write_text("text,label\n" + "".join(rows))
    return open_corpus(path)


@dataclass
class Model:
    """Gives each text rows that are all its own, four texts a batch, and remembers what it ran."""

    documents: Corpus
    stop_after: int | None = None  # batches
    before_batch: Callable[[int], object] = lambda batch: None
    library: Literal["blas", "onednn"] | None = None  # by which it computes, unless a run before it said
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, open_rows: OpenRows) -> Conditions:
        with open_rows(WIDTHS) as rows:
            self.library = rows.library or self.library
            rows.computed_by(self.library)
            wanted = [document for document in self.documents if rows.is_wanted(document.ordinal)]
            for start in range(0, len(wanted), 4):
                batch = wanted[start : start + 4]
                ordinals, texts = [document.ordinal for document in batch], [document.text for document in batch]
                if rows.holds(ordinals):
                    continue
                if len(self.ran) == self.stop_after:
                    raise KeyboardInterrupt
                self.before_batch(len(self.ran))
                self.ran.append(tuple(texts))
                rows.write(ordinals, [rows_of(texts, layer) for layer in range(len(WIDTHS))], facts_of(texts))
        return CONDITIONS

    @property
    def texts(self) -> list[str]:
        """All that it ran."""
        return [text for batch in self.ran for text in batch]


def rows_of(texts: Sequence[str], layer: int) -> np.ndarray:
    seeds = [[*text.encode(), layer] for text in texts]
    return np.array([np.random.default_rng(seed).normal(size=WIDTHS[layer]) for seed in seeds], dtype="float32")


def facts_of(texts: Sequence[str]) -> TokenFacts:
    lengths = np.array([len(text) for text in texts])
    sinks = np.column_stack([lengths % 3, lengths % 2])
    return TokenFacts(lengths, lengths % 5, lengths % 7 == 0, sinks, lengths % 4)


def found(model: Model, /, notes: list[str] | None = None, **settings: object) -> Extraction:
    told: list[str] = [] if notes is None else notes
    about = {"model": "tiny", "site": "residual", "pooling": "mean", "dtype": "float32", "corpus": "c.csv"}
    return cached({**SETTINGS, **settings}, model.documents, model, about=about, note=told.append)


def assert_right(extraction: Extraction, texts: Sequence[str]) -> None:
    """Rows, facts and conditions are those of the texts, bit by bit."""
    assert extraction.conditions == CONDITIONS
    for layer, rows in enumerate(extraction.activations.layers):
        assert isinstance(rows, np.memmap)
        np.testing.assert_array_equal(rows, rows_of(texts, layer))
    np.testing.assert_array_equal(extraction.facts.table(), facts_of(texts).table())


def entry_in(cache: Path) -> Path:
    (folder,) = (path for path in cache.iterdir() if not path.name.startswith("."))
    return folder


def test_what_was_made_once_is_found_again_with_all_its_facts(cache: Path, tmp_path: Path) -> None:
    first, second = Model(corpus_of(tmp_path, TEXTS)), Model(corpus_of(tmp_path, TEXTS))
    assert_right(found(first), TEXTS)
    assert_right(found(second), TEXTS)
    assert (first.texts, second.texts) == (list(TEXTS), [])


def test_other_labels_run_nothing(cache: Path, tmp_path: Path) -> None:
    found(Model(corpus_of(tmp_path, TEXTS)))
    other = Model(corpus_of(tmp_path, TEXTS, labels="xyz"))
    assert_right(found(other), TEXTS)
    assert other.ran == []
    entry_in(cache)


@pytest.mark.parametrize("change", [{"max_length": 64}, {"model": "n"}, {"more": 1}])
def test_other_settings_are_run_anew(change: dict[str, object], cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    found(Model(documents))
    other = Model(documents)
    assert_right(found(other, **change), TEXTS)
    assert other.texts == list(TEXTS)


def test_the_order_of_settings_does_not_matter(cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    found(Model(documents), one=1, two=2)
    again = Model(documents)
    found(again, two=2, one=1)
    assert again.ran == []


# --- other corpora


@pytest.mark.parametrize(
    ("texts", "new"),
    [
        pytest.param([*TEXTS, "more", "still more"], ["more", "still more"], id="grown"),
        pytest.param(["first", *TEXTS], ["first"], id="grown in front"),
        pytest.param(TEXTS[3:9], [], id="shrunk"),
        pytest.param(TEXTS[::-1], [], id="turned round"),
        pytest.param([*TEXTS, *TEXTS], [], id="doubled"),
        pytest.param(["other", "another"], ["other", "another"], id="nothing in common"),
    ],
)
def test_only_new_texts_are_run(texts: Sequence[str], new: list[str], cache: Path, tmp_path: Path) -> None:
    found(Model(corpus_of(tmp_path, TEXTS)))
    model, notes = Model(corpus_of(tmp_path, texts)), []
    assert_right(found(model, notes), texts)
    assert model.texts == new
    known = len(texts) - len(new)
    assert notes == ([f"{known} of {len(texts)} texts were read before."] if known else [])
    again = Model(model.documents)
    assert_right(found(again), texts)
    assert again.ran == []


def test_texts_are_found_in_several_corpora_at_once(cache: Path, tmp_path: Path) -> None:
    for part in (TEXTS[:8], TEXTS[6:12], ("apart", "alone")):
        found(Model(corpus_of(tmp_path, part)))
    model = Model(corpus_of(tmp_path, TEXTS))
    assert_right(found(model), TEXTS)
    assert model.texts == list(TEXTS[12:])


def test_rows_of_other_settings_are_not_taken(cache: Path, tmp_path: Path) -> None:
    found(Model(corpus_of(tmp_path, TEXTS)), site="mlp")
    model = Model(corpus_of(tmp_path, [*TEXTS, "more"]))
    found(model)
    assert len(model.texts) == len(TEXTS) + 1


def test_a_text_that_stands_twice_is_run_once(cache: Path, tmp_path: Path) -> None:
    texts = ["same", *TEXTS[:5], "same", "same", TEXTS[2]]
    model = Model(corpus_of(tmp_path, texts))
    assert_right(found(model), texts)
    assert model.texts == ["same", *TEXTS[:5]]


def test_a_damaged_entry_gives_nothing_to_others(cache: Path, tmp_path: Path) -> None:
    found(Model(corpus_of(tmp_path, TEXTS)))
    _flip(entry_in(cache) / "L1.npy", -1)
    model = Model(corpus_of(tmp_path, [*TEXTS, "more"]))
    assert_right(found(model), [*TEXTS, "more"])
    assert len(model.texts) == len(TEXTS) + 1


def test_an_unfinished_entry_gives_nothing_to_others(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        found(Model(corpus_of(tmp_path, TEXTS), stop_after=3))
    model = Model(corpus_of(tmp_path, TEXTS[:9]))
    assert_right(found(model), TEXTS[:9])
    assert len(model.texts) == 9


# --- interruptions


@pytest.mark.parametrize("batches", range(6))
def test_an_interrupted_run_goes_on_where_it_stopped(batches: int, cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    if batches < 5:
        with pytest.raises(KeyboardInterrupt):
            found(Model(documents, stop_after=batches))
    model, notes = Model(documents), []
    assert_right(found(model, notes), TEXTS)
    assert len(model.ran) == 5 - (batches if batches < 5 else 0)
    done = 4 * batches if batches < 5 else 0
    assert notes == ([f"An interrupted run read {done} of 20 texts: this one continues from there."] if done else [])


def test_an_interrupted_run_goes_on_with_the_products_it_began_with(cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    with pytest.raises(KeyboardInterrupt):
        found(Model(documents, stop_after=2, library="onednn"))
    model = Model(documents, library="blas")
    assert_right(found(model), TEXTS)
    assert model.library == "onednn"


def test_a_run_that_fails_before_its_first_batch_leaves_nothing_to_be_listed(cache: Path, tmp_path: Path) -> None:
    def broken(open_rows: OpenRows) -> Conditions:
        raise MriError("The model cannot be loaded")

    documents = corpus_of(tmp_path, TEXTS)
    with pytest.raises(MriError, match="cannot be loaded"):
        cached(SETTINGS, documents, broken, about={}, note=print)
    assert [path.name for path in cache.iterdir()] == [".locks"]
    with pytest.raises(KeyboardInterrupt):
        found(Model(documents, stop_after=1))
    with pytest.raises(MriError, match="cannot be loaded"):
        cached(SETTINGS, documents, broken, about={}, note=print)
    model = Model(documents)
    assert_right(found(model), TEXTS)
    assert len(model.ran) == 4


def test_which_texts_are_run_stays_as_it_was_at_the_beginning(cache: Path, tmp_path: Path) -> None:
    """Else windows would be cut at other places, and batches be others."""
    found(Model(corpus_of(tmp_path, TEXTS[:3])))
    documents = corpus_of(tmp_path, TEXTS)
    with pytest.raises(KeyboardInterrupt):
        found(Model(documents, stop_after=2))
    found(Model(corpus_of(tmp_path, [*TEXTS[15:], "x"])))
    model = Model(documents)
    assert_right(found(model), TEXTS)
    assert model.ran == [TEXTS[11:15], TEXTS[15:19], TEXTS[19:]]


def test_copies_that_were_interrupted_go_on(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(Model(corpus_of(tmp_path, TEXTS)))
    documents = corpus_of(tmp_path, [*TEXTS, "more"])
    monkeypatch.setattr("ingest.cache.row_files.CHUNK_BYTES", 4 * 52)
    journals = []
    with pytest.raises(KeyboardInterrupt):
        found(Model(documents, stop_after=0))
    (folder,) = (
        path for path in cache.iterdir() if (path / "journal").exists() and not (path / "manifest.json").exists()
    )
    journal = (folder / "journal").read_bytes()
    for end in range(0, len(journal), 7):
        (folder / "journal").write_bytes(journal[:end])
        with pytest.raises(KeyboardInterrupt):
            found(Model(documents, stop_after=0))
        journals.append((folder / "journal").read_bytes())
    assert len(set(map(len, journals))) == 1
    model = Model(documents)
    assert_right(found(model), [*TEXTS, "more"])
    assert model.texts == ["more"]


# --- damage


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _unlink(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names] and None


DAMAGES: dict[str, tuple[int, Callable[[Path], Any]]] = {  # batches to be run again, of five
    "a flipped bit in the last row": (1, lambda folder: _flip(folder / "L1.npy", -1)),
    "a flipped bit in the facts": (1, lambda folder: _flip(folder / "facts.npy", -1)),
    "a flipped bit in a header": (0, lambda folder: _flip(folder / "L0.npy", 1)),
    "rows cut off": (2, lambda folder: os.truncate(folder / "L0.npy", 128 + 12 * 12 + 5)),
    "a file that grew": (0, lambda folder: os.truncate(folder / "L0.npy", 10_000)),
    "an empty layer": (5, lambda folder: os.truncate(folder / "L0.npy", 0)),
    "a missing layer": (5, _unlink("L1.npy")),
    "no facts": (5, _unlink("facts.npy")),
    "no manifest": (0, _unlink("manifest.json")),
    "a broken manifest": (0, lambda folder: (folder / "manifest.json").write_text("{")),
    "a manifest of another form": (0, lambda folder: (folder / "manifest.json").write_text("[1]")),
    "a broken journal": (0, lambda folder: _flip(folder / "journal", 3)),
    "no journal": (0, _unlink("journal")),
    "no journal and no manifest": (5, _unlink("journal", "manifest.json")),
    "a journal that breaks off, and no manifest": (
        1,
        lambda folder: (os.truncate(folder / "journal", _end_of_rows(folder) - 3), _unlink("manifest.json")(folder)),
    ),
    "broken texts": (0, lambda folder: _flip(folder / "texts.npy", -1)),
    "no texts": (0, _unlink("texts.npy")),
    "no words": (0, _unlink("about.json")),
    "words of another form": (0, lambda folder: (folder / "about.json").write_bytes(b"\xff")),
}


def _end_of_rows(folder: Path) -> int:
    from ingest.cache.journal import Batch, read

    batches = list(read(folder / "journal"))
    return sum(
        len(entry.record()) for entry in batches[: max(i for i, e in enumerate(batches) if isinstance(e, Batch)) + 1]
    )


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again_and_nothing_else(damage: str, cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    found(Model(documents))
    batches, spoil = DAMAGES[damage]
    spoil(entry_in(cache))
    model = Model(documents)
    assert_right(found(model), TEXTS)
    assert len(model.ran) == batches
    again, grown = Model(documents), Model(corpus_of(tmp_path, [*TEXTS, "more"]))
    assert_right(found(again), TEXTS)
    assert_right(found(grown), [*TEXTS, "more"])
    assert (again.texts, grown.texts) == ([], ["more"])


def test_damage_is_told(cache: Path, tmp_path: Path) -> None:
    documents, notes = corpus_of(tmp_path, TEXTS), []
    found(Model(documents))
    _flip(entry_in(cache) / "L0.npy", -1)
    found(Model(documents), notes)
    assert notes == ["Activations of 4 of 20 texts were damaged in the cache: they are computed again."]


@pytest.mark.parametrize("donor", ["there", "gone"])
def test_copies_that_are_damaged_are_copied_again_or_run(donor: str, cache: Path, tmp_path: Path) -> None:
    found(Model(corpus_of(tmp_path, TEXTS[:10])))
    small = entry_in(cache)
    documents = corpus_of(tmp_path, TEXTS)
    found(Model(documents))
    (large,) = (path for path in cache.iterdir() if path != small and not path.name.startswith("."))
    _flip(large / "L0.npy", 130)
    if donor == "gone":
        shutil.rmtree(small)
    model = Model(documents)
    assert_right(found(model), TEXTS)
    assert (model.ran == []) == (donor == "there")


def test_a_batch_written_again_in_other_company_counts_once(cache: Path, tmp_path: Path) -> None:
    """Another batch size after an interruption: the rows written last are those that count."""
    documents = corpus_of(tmp_path, TEXTS)
    with pytest.raises(KeyboardInterrupt):
        found(Model(documents, stop_after=3))

    def pairs(open_rows: OpenRows) -> Conditions:
        with open_rows(WIDTHS) as rows:
            for start in range(0, len(TEXTS), 2):
                texts = TEXTS[start : start + 2]
                assert not rows.holds([start, start + 1])
                layers = [rows_of(texts, layer) + 1 for layer in range(len(WIDTHS))]
                rows.write([start, start + 1], layers, facts_of(texts))
        return CONDITIONS

    about: dict[str, object] = {}
    made = cached(SETTINGS, documents, pairs, about=about, note=lambda line: None)
    np.testing.assert_array_equal(made.activations.layers[1], rows_of(TEXTS, 1) + 1)
    _flip(entry_in(cache) / "manifest.json", 0)
    notes: list[str] = []
    mended = cached(SETTINGS, documents, Model(documents), about=about, note=notes.append)
    np.testing.assert_array_equal(mended.activations.layers[1], rows_of(TEXTS, 1) + 1)
    assert notes == ["An interrupted run read 20 of 20 texts: this one continues from there."]


# --- disks


def test_a_cache_that_cannot_be_written_is_one_line_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "file"))
    with pytest.raises(MriError, match="set MRI_CACHE to another folder"):
        found(Model(corpus_of(tmp_path, TEXTS)))


@contextmanager
def small_files() -> Iterator[Callable[[int], None]]:
    """Lets files grow to so many bytes, as a full disk does; ended within a test, whose report may go to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_is_one_line_and_the_run_goes_on_once_there_is_room(cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    with small_files() as limit:
        full = Model(documents, before_batch=lambda batch: batch == 2 and limit(128 + 5 * 20 + 7))
        with pytest.raises(MriError, match=r"File too large\. Make room"):
            found(full)
    assert len(full.ran) == 3
    model = Model(documents)
    assert_right(found(model), TEXTS)
    assert model.ran == [TEXTS[8:12], TEXTS[12:16], TEXTS[16:]]


def test_a_disk_without_room_for_all_rows_is_told_before_anything_is_run(cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    model = Model(documents)
    with small_files() as limit:
        limit(500)
        with pytest.raises(MriError, match="Make room"):
            found(model)
    assert model.ran == []


def test_a_cache_that_may_only_be_read_is_read(cache: Path, tmp_path: Path) -> None:
    documents = corpus_of(tmp_path, TEXTS)
    found(Model(documents))
    shutil.rmtree(cache / ".locks")
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}
    assert_right(found(Model(documents)), TEXTS)
    assert not (cache / ".locks").exists()
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")} == before


@dataclass
class PlacingModel(Model):
    """Places the rows of each batch in an atlas before it gives them."""

    atlas: Atlas = field(kw_only=True)

    def __call__(self, open_rows: OpenRows) -> Conditions:
        @contextmanager
        def opened(widths: tuple[int, ...]) -> Iterator[RowStore]:
            with open_rows(compact_widths(self.atlas)) as rows:
                yield Placing(rows, self.atlas)

        return super().__call__(opened)


class Placing:
    def __init__(self, rows: RowStore, atlas: Atlas) -> None:
        self._rows, self._atlas = rows, atlas

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def write(self, ordinals: Sequence[int], rows: Sequence[np.ndarray], facts: TokenFacts) -> None:
        self._rows.write(ordinals, placed_rows(self._atlas, rows, facts.lengths), facts)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    texts = [f"text {number}" for number in range(200, 260)]
    activations = Activations(tuple(rows_of(texts, layer) for layer in range(2)), facts_of(texts).lengths)
    return fit_atlas(activations, AtlasSpec("grid", resolution=4)).atlas


def codes_of(atlas: Atlas, texts: Sequence[str]) -> np.ndarray:
    rows = tuple(rows_of(texts, layer) for layer in range(2))
    return place(atlas, Activations(rows, facts_of(texts).lengths))


def placed(model: PlacingModel, notes: list[str] | None = None) -> Extraction:
    told: list[str] = [] if notes is None else notes
    return cached(SETTINGS, model.documents, model, about={"model": "tiny"}, note=told.append, atlas=model.atlas)


def assert_placed(found: Extraction, atlas: Atlas, texts: Sequence[str]) -> None:
    assert [layer.dtype for layer in found.activations.layers] == [np.uint8] * 2
    np.testing.assert_array_equal(np.concatenate(found.activations.layers, axis=1), codes_of(atlas, texts))
    np.testing.assert_array_equal(found.facts.table(), facts_of(texts).table())


def test_of_placed_documents_codes_alone_are_stored_and_found_again(cache: Path, tmp_path: Path, atlas: Atlas) -> None:
    first = PlacingModel(corpus_of(tmp_path, TEXTS), atlas=atlas)
    second = PlacingModel(corpus_of(tmp_path, TEXTS), atlas=atlas)
    assert_placed(placed(first), atlas, TEXTS)
    assert_placed(placed(second), atlas, TEXTS)
    assert second.ran == []
    assert (entry_in(cache) / "L0.npy").stat().st_size == 128 + len(TEXTS)


def test_a_placing_that_was_interrupted_goes_on(cache: Path, tmp_path: Path, atlas: Atlas) -> None:
    first = PlacingModel(corpus_of(tmp_path, TEXTS), stop_after=2, atlas=atlas)
    with pytest.raises(KeyboardInterrupt):
        placed(first)
    second = PlacingModel(corpus_of(tmp_path, TEXTS), atlas=atlas)
    assert_placed(placed(second), atlas, TEXTS)
    assert first.texts + second.texts == list(TEXTS)


def test_texts_whose_rows_are_stored_are_placed_without_the_model(cache: Path, tmp_path: Path, atlas: Atlas) -> None:
    found(Model(corpus_of(tmp_path, TEXTS[4:15])))
    model, notes = PlacingModel(corpus_of(tmp_path, TEXTS), atlas=atlas), list[str]()
    assert_placed(placed(model, notes), atlas, TEXTS)
    assert sorted(model.texts) == sorted((*TEXTS[:4], *TEXTS[15:]))
    assert notes == ["11 of 20 texts were read before."]
    rows = Model(corpus_of(tmp_path, TEXTS))
    assert_right(found(rows), TEXTS)  # nothing that was placed passes for rows
    assert sorted(rows.texts) == sorted(model.texts)
