"""A model that is run over a corpus, unless the cache holds its activations."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.part import CorpusPart, part_of
from ingest.executor import ModelLoader, executor
from ingest.extract.poolings import POOLINGS
from ingest.extract.shards import Shards
from ingest.extract.token_report import token_report
from ingest.model.device import Place
from ingest.model.sites import SITES
from ingest.model.source import ModelSource
from ingest.pace import ScanMeter
from ingest.request import Request
from ingest.run import Run
from ingest.scan.records import OfDocuments, PlacedRest, Scanned
from ingest.scan.sample import rest_of, sampled_of
from mri_core.errors import MriError
from mri_core.records.arrays import Activations, Atlas

if TYPE_CHECKING:
    from ingest.extract.records import Conditions, Extraction, OpenRows, TokenFacts
    from ingest.extract.token_plan import TokenPlan

EXTRACTION = 1  # raised when the same model would give other rows for the same texts
LOWERED_EXTRACTION = 2  # the same of rows in a lower type than float32


@dataclass(frozen=True)
class ModelScan(OfDocuments):
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
        sample: ordinals of the documents that an atlas is fitted to; None for all.
    """

    request: Request
    documents: Corpus
    source: ModelSource
    place: Place
    lacking: MriError | None = None
    random_blocks: int | None = None
    embeddings: bool = False
    widths: tuple[int, ...] = ()
    sample: np.ndarray | None = field(default=None, compare=False)

    @cached_property
    def sampled(self) -> Corpus:
        """Part of the corpus, or all of it."""
        return sampled_of(self)

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
        found = self._cached(self.sampled, run)
        return _with_facts(self._scanned(found), self.sampled, found.facts)

    def _scanned(self, found: Extraction) -> Scanned:
        """What was read, without the facts of its texts."""
        names = SITES.named(self.site).layer_names(len(found.activations.layers))
        conditions = found.conditions
        report = {"max_length": conditions.max_length, **self._other_stack, "run": run_report(conditions)}
        return Scanned(found.activations, names, None, report, conditions.warnings, found.texts)

    def rows(self, run: Run) -> Activations:
        """The activations without the report on the texts."""
        return self._cached(self.sampled, run).activations

    def place_rest(self, atlas: Atlas, scanned: Scanned, run: Run) -> PlacedRest:
        """Placed as the model reads them, or from the cache."""
        rest = rest_of(self)
        found = self._cached(part_of(self.documents, rest), run, atlas)
        facts = found.facts if scanned.facts is None else found.facts.joined(rest, scanned.facts)
        return PlacedRest(found.activations.layers, _with_facts(scanned, self.documents, facts), self)

    def texts_held(self) -> str:
        """By the settings and texts of this scan."""
        from ingest.cache.cached import texts_held

        return texts_held(self._settings, self.sampled, self._hashes(self.sampled))

    @property
    def _settings(self) -> dict[str, Any]:
        """Everything that rows depend on except the texts."""
        return {key: value for key, value in self.identity.items() if key != "corpus"}

    def _cached(self, documents: Corpus, run: Run, atlas: Atlas | None = None) -> Extraction:
        """The rows of documents; what an atlas leaves of them if it is given."""
        from ingest.cache.cached import cached

        settings, covariates = self._settings, self._covariates(documents)
        model = self._label if atlas is None else f"{self._label} (regions)"
        ran = False

        def extract(open_rows: OpenRows) -> Conditions:
            nonlocal ran
            ran = True
            return self._extract(documents, open_rows, run, atlas)

        found = cached(
            settings,
            documents,
            extract,
            about={**settings, "model": model, "revision": self.model_revision, "corpus": documents.source},
            note=run.note,
            atlas=atlas,
            hashes=self._hashes(documents),
            covariates=covariates,
            rows_of="texts" if self.unit == "document" else "tokens",
        )
        if self._shards(documents) is not None and not ran:
            run.note(f"These texts were read before: none of their rows is written to {self.request.shards}.")
        if covariates is None:
            return found
        return replace(found, activations=replace(found.activations, tokens=covariates))

    def _texts(self, documents: Corpus) -> Corpus:
        """The texts that the model is run over for some of the documents."""
        return documents

    def _plan(self, documents: Corpus) -> TokenPlan | None:
        """The tokens that give a row each; None where a text gives one."""
        return None

    def _covariates(self, documents: Corpus) -> np.ndarray | None:
        """(documents, 2) what an atlas adjusts each for; None for the lengths that reading a text gives."""
        return None

    def _hashes(self, documents: Corpus) -> np.ndarray | None:
        """What identifies the rows in the cache; None for the texts."""
        plan = self._plan(documents)
        return None if plan is None else plan.hashes()

    def _shards(self, documents: Corpus) -> Shards | None:
        """Where the rows of the study's own model are written besides, if that was asked for."""
        if self.request.shards is None or self.random_blocks is not None or self.embeddings:
            return None
        return Shards(self.request.shards, documents.ordinals if isinstance(documents, CorpusPart) else None)

    @property
    def _label(self) -> str:
        """The model as the cache lists it."""
        if self.embeddings:
            return f"{self.model} (token embeddings)"
        return self.model if self.random_blocks is None else f"{self.model} (random blocks)"

    def _extract(self, documents: Corpus, open_rows: OpenRows, run: Run, atlas: Atlas | None) -> Conditions:
        if self.lacking is not None:
            raise self.lacking
        from ingest.extract.extraction import extract
        from ingest.extract.reader import Reading
        from ingest.extract.token_rows import by_text

        request, texts, plan = self.request, self._texts(documents), self._plan(documents)
        reading = Reading(
            "mean" if self.embeddings else request.pooling,
            request.batch_tokens,
            "off" if self.embeddings else request.compile,
            atlas,
            self._shards(documents),
            plan,
        )
        load = ModelLoader(request, self.source, self.place, self.random_blocks, self.embeddings, self.widths)
        with ExitStack() as opened:
            with run.time("load_model"):
                runs = opened.enter_context(executor(request, load, reading, run.note))
            meter = ScanMeter(run.progress, texts.lengths)
            with run.time("activations"):
                return extract(
                    runs,
                    texts,
                    texts.documents,
                    open_rows if plan is None else by_text(open_rows, plan),
                    meter=meter,
                    characters=texts.lengths,
                    notify=run.note,
                )


def run_report(conditions: Conditions) -> dict[str, Any]:
    """The conditions of the run: device, type, batch size, compilation, threads; products; workers; what it lies on."""
    reported = ("device", "dtype", "batch_tokens", "compiled", "threads")
    known = {name: getattr(conditions, name) for name in ("products", "workers", "lies_on")}
    always = {name: getattr(conditions, name) for name in reported}
    return always | {name: value for name, value in known.items() if value is not None}


def _with_facts(scanned: Scanned, documents: Corpus, facts: TokenFacts) -> Scanned:
    """With what became of the tokens of these documents."""
    report = {**scanned.report, **token_report(documents, facts)}
    return scanned._replace(tokens=facts.lengths, report=report, facts=facts)
