"""Where a study's activations come from: a model run over a corpus, or a folder of given ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from ingest.corpus.corpus import Corpus, open_corpus
from ingest.corpus.given import GivenActivations, open_given
from ingest.executor import ModelLoader, executor, place_of
from ingest.extract.poolings import POOLINGS
from ingest.extract.token_report import given_token_report, token_report, token_warnings
from ingest.model.device import Place
from ingest.model.sites import SITES
from ingest.model.source import ModelSource, resolve
from ingest.pace import ScanMeter
from ingest.request import Request
from ingest.run import Run
from mri_core.errors import MriError
from mri_core.records.arrays import Activations
from mri_core.records.graph import GIVEN

if TYPE_CHECKING:
    from ingest.extract.records import Conditions, Extraction, OpenRows

EXTRACTION = 1  # raised when the same model would give other rows for the same texts
LOWERED_EXTRACTION = 2  # the same of rows in a lower type than float32


class Scanned(NamedTuple):
    """Activations, the names of their layers, facts for the study's report, what to warn of, the texts in the cache."""

    activations: Activations
    layers: tuple[str, ...]
    report: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    texts: str = ""


class Scan(Protocol):
    """A source of activations, opened but not read. Its attributes are those of the study."""

    @property
    def documents(self) -> Corpus:
        """One document for each row, in order."""

    @property
    def model(self) -> str:
        """Its name."""

    @property
    def model_revision(self) -> str:
        """What identifies these weights."""

    @property
    def site(self) -> str:
        """Where in the model the activations are read."""

    @property
    def pooling(self) -> str:
        """How a text's tokens become one row."""

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that the activations depend on, as JSON values."""

    def read(self, run: Run) -> Scanned:
        """The activations."""

    def rows(self, run: Run) -> Activations:
        """The activations alone; if the cache has them, the corpus may be gone."""

    def texts_held(self) -> str:
        """`Scanned.texts`, the key of the texts, if the cache holds all their rows (no model is loaded); else ""."""


@dataclass(frozen=True)
class ModelScan:
    """A model that is run over a corpus, unless the cache holds its activations.

    Attributes:
        request: the options.
        documents: its corpus.
        source: its model.
        place: where it runs.
        lacking: why the model cannot be run, if only the cache can be read.
        random_blocks: the seed that the model's blocks are re-initialised by; None for its own.
        embeddings: only the mean of the tokens' embeddings is read.
        widths: that its layers must have; () for any.
    """

    request: Request
    documents: Corpus
    source: ModelSource
    place: Place
    lacking: MriError | None = None
    random_blocks: int | None = None
    embeddings: bool = False
    widths: tuple[int, ...] = ()

    @property
    def model(self) -> str:
        """The alias, folder, file or hub name."""
        return self.source.name

    @property
    def model_revision(self) -> str:
        """The hub's commit, or a hash of the local files."""
        return self.source.revision

    @property
    def site(self) -> str:
        """As requested."""
        return self.request.site

    @property
    def pooling(self) -> str:
        """As requested."""
        return self.request.pooling

    @property
    def identity(self) -> dict[str, Any]:
        """Texts, weights, and how they are read."""
        return {
            "corpus": self.documents.content_hash,
            "model": self.model_revision,
            "site": "embeddings" if self.embeddings else self.site,
            "pooling": "mean" if self.embeddings else self.pooling,
            "max_length": self.request.max_length,
            "dtype": self.place.dtype,
            "extraction": LOWERED_EXTRACTION if self.place.is_autocast else EXTRACTION,
            **self._other_stack,
            **self._prompt,
            **self._other_blocks,
            **self._other_packages,
        }

    @property
    def _prompt(self) -> dict[str, Any]:
        """The prompt around the texts, if any."""
        asked = {"template": self.request.template, "chat": self.request.chat}
        return {key: value for key, value in asked.items() if value not in (None, False)}

    @property
    def _other_stack(self) -> dict[str, str]:
        """The stack, if it is not the default."""
        return {"stack": "decoder"} if self.request.stack == "decoder" else {}

    @property
    def _other_blocks(self) -> dict[str, int]:
        """The seed of the blocks, if they are re-initialised."""
        return {} if self.random_blocks is None else {"random_blocks": self.random_blocks}

    @property
    def _other_packages(self) -> dict[str, Any]:
        """The packages of a site or a pooling that is not our own, with their versions."""
        read_by = SITES.package_of(self.site) | POOLINGS.package_of(self.pooling)
        return {"read_by": read_by} if read_by else {}

    def read(self, run: Run) -> Scanned:
        """The activations, from the cache or the model."""
        extraction = self._cached(run)
        report = {
            **token_report(self.documents, extraction.facts),
            "max_length": extraction.conditions.max_length,
            **self._other_stack,
            "run": run_report(extraction.conditions),
        }
        names = SITES.named(self.site).layer_names(len(extraction.activations.layers))
        warnings = (*extraction.conditions.warnings, *token_warnings(report))
        return Scanned(extraction.activations, names, report, warnings, extraction.texts)

    def rows(self, run: Run) -> Activations:
        """The activations without the report on the texts."""
        return self._cached(run).activations

    def texts_held(self) -> str:
        """By the settings and texts of this scan."""
        from ingest.cache.cached import texts_held

        return texts_held(self._settings, self.documents)

    @property
    def _settings(self) -> dict[str, Any]:
        """Everything that rows depend on except the texts."""
        return {key: value for key, value in self.identity.items() if key != "corpus"}

    def _cached(self, run: Run) -> Extraction:
        from ingest.cache.cached import cached

        settings = self._settings
        return cached(
            settings,
            self.documents,
            lambda open_rows: self._extract(open_rows, run),
            about={**settings, "model": self._label, "revision": self.model_revision, "corpus": self.documents.source},
            note=run.note,
        )

    @property
    def _label(self) -> str:
        """The model as the cache lists it."""
        if self.embeddings:
            return f"{self.model} (token embeddings)"
        return self.model if self.random_blocks is None else f"{self.model} (random blocks)"

    def _extract(self, open_rows: OpenRows, run: Run) -> Conditions:
        if self.lacking is not None:
            raise self.lacking
        from ingest.extract.extraction import extract
        from ingest.extract.reader import Reading

        request = self.request
        reading = Reading(
            "mean" if self.embeddings else request.pooling,
            request.batch_tokens,
            "off" if self.embeddings else request.compile,
        )
        load = ModelLoader(request, self.source, self.place, self.random_blocks, self.embeddings, self.widths)
        with ExitStack() as opened:
            with run.time("load_model"):
                runs = opened.enter_context(executor(request, load, reading, run.note))
            meter = ScanMeter(run.progress, self.documents.lengths)
            with run.time("activations"):
                return extract(
                    runs,
                    self.documents,
                    self.documents.documents,
                    open_rows,
                    meter=meter,
                    characters=self.documents.lengths,
                    notify=run.note,
                )


@dataclass(frozen=True)
class GivenScan:
    """Activations computed elsewhere, used as they are."""

    given: GivenActivations
    model: str = GIVEN
    site: str = GIVEN
    pooling: str = GIVEN

    @property
    def documents(self) -> Corpus:
        """As the folder lists them."""
        return self.given.documents

    @property
    def model_revision(self) -> str:
        """A hash of the content: nothing else is known about the model."""
        return self.documents.content_hash[:16]

    @property
    def identity(self) -> dict[str, Any]:
        """Rows, documents and token counts."""
        return {"activations": self.documents.content_hash}

    def read(self, run: Run) -> Scanned:
        """The mapped files."""
        activations = self.given.activations
        report = given_token_report(self.documents, activations.tokens)
        names = tuple(f"L{i}" for i in range(len(activations.layers)))
        return Scanned(activations, names, report, token_warnings(report))

    def rows(self, run: Run) -> Activations:
        """The mapped files."""
        return self.given.activations

    def texts_held(self) -> str:
        """None: the rows are in their folder."""
        return ""


def run_report(conditions: Conditions) -> dict[str, Any]:
    """The conditions of the run: device, type, batch size, compilation, threads; products; workers; what it lies on."""
    reported = ("device", "dtype", "batch_tokens", "compiled", "threads")
    known = {name: getattr(conditions, name) for name in ("products", "workers", "lies_on")}
    always = {name: getattr(conditions, name) for name in reported}
    return always | {name: value for name, value in known.items() if value is not None}


def open_scan(request: Request, widths: tuple[int, ...] = ()) -> Scan:
    """Opens and checks the inputs, so that errors show before a model is loaded.

    Args:
        request: the options.
        widths: that the layers must have, which shows when the model is loaded; () for any.
    """
    if request.activations is not None:
        return GivenScan(open_given(request.activations, request.corpus_options))
    corpus = open_corpus(cast("str | Path", request.corpus), request.corpus_options)
    return ModelScan(
        request, corpus, resolve(request.model, revision=request.revision), place_of(request), widths=widths
    )
