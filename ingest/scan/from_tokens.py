"""A model that is run over a corpus whose tokens are the units: each token of a text has a row, or a region."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.extract.token_corpus import TokenCorpus
from ingest.extract.token_plan import PLAN
from ingest.extract.token_report import unit_report
from ingest.run import Run
from ingest.scan.from_model import ModelScan
from ingest.scan.records import PlacedRest, Scanned
from ingest.scan.sample import copied, rest_of
from mri_core.atlas.frequency import frequency_of
from mri_core.errors import CorpusError
from mri_core.records.arrays import Activations, Atlas, Frequency
from mri_core.records.graph import Unit

if TYPE_CHECKING:
    from ingest.extract.records import TokenFacts
    from ingest.extract.token_plan import TokenPlan


@dataclass(frozen=True)
class TokenScan(ModelScan):
    """A model that is run over a corpus whose tokens are the units. `documents` are tokens.

    Attributes:
        frequency_of_all: how often each token occurs in the texts; None where `documents` are all tokens.
        sunk: tokens that were left out as attention sinks.
    """

    frequency_of_all: Frequency | None = field(default=None, compare=False)
    sunk: int = 0

    @property
    def unit(self) -> Unit:
        """Tokens."""
        return "token"

    @property
    def tokens(self) -> TokenCorpus:
        """The tokens that are scanned."""
        return cast(TokenCorpus, self.documents)

    @property
    def texts(self) -> Corpus:
        """The documents that the tokens are of."""
        return self.tokens.texts

    @cached_property
    def frequency(self) -> Frequency:
        """How often each token occurs in the texts, or in those of the study whose atlas it is."""
        return self.frequency_of_all or frequency_of(self.tokens.plan.ids)

    @cached_property
    def sampled(self) -> Corpus:
        """The tokens that an atlas is fitted to."""
        return self.tokens if self.sample is None else self.tokens.part(self.sample)

    def read(self, run: Run) -> Scanned:
        """The rows of the sample's tokens, from the cache or the model."""
        found = self._cached(self.sampled, run)
        return self._reported(self._scanned(found), found.facts)

    @property
    def identity(self) -> dict[str, Any]:
        """As of a scan of documents, with what the units are."""
        request, tags = self.request, self.texts.tags
        unit: dict[str, Any] = {"unit": "token", "plan": PLAN}
        if tags is not None:
            unit |= {"subtokens": request.subtokens, "untagged": request.untagged}
            unit |= {"tags": [name for name, _ in tags]} if request.categories or request.top else {}
        return {**super().identity, **unit}

    @property
    def _settings(self) -> dict[str, Any]:
        """What rows depend on: which tokens there are stands in their hashes."""
        of_choice = ("plan", "subtokens", "untagged", "tags")
        return {key: value for key, value in super()._settings.items() if key not in of_choice}

    def settled(self, scanned: Scanned) -> tuple[TokenScan, Scanned]:
        """Without the tokens that are attention sinks in some layer, as reading the sample found them.

        Raises:
            CorpusError: all tokens of a category are, or all that the sample has.
        """
        facts, kept = _kept(scanned.facts)
        if len(kept) == len(scanned.activations.layers[0]):
            return self, scanned
        sample = np.arange(self.tokens.documents) if self.sample is None else self.sample
        scan = self._without(np.delete(sample, kept))
        scan._refuse_sunk(self)
        return scan, scan._reported(scanned._replace(activations=copied(scanned.activations, kept)), facts)

    def placeable(self, run: Run) -> tuple[TokenScan, Activations]:
        """Without attention sinks."""
        scan, scanned = self.settled(self.read(run))
        return scan, scanned.activations

    def place_rest(self, atlas: Atlas, scanned: Scanned, run: Run) -> PlacedRest:
        """Placed as the model reads them, but for attention sinks."""
        rest = rest_of(self)
        found = self._cached(self.tokens.part(rest), run, atlas)
        facts, kept = _kept(found.facts)
        scan = self._without(np.delete(rest, kept))
        scan._refuse_sunk(self)
        together = facts.joined(rest_of(scan), cast("TokenFacts", scanned.facts))
        return PlacedRest(
            tuple(codes[kept] for codes in found.activations.layers), scan._reported(scanned, together), scan
        )

    def _reported(self, scanned: Scanned, facts: TokenFacts) -> Scanned:
        """With what became of the tokens of these facts."""
        report = {**scanned.report, **unit_report(self.tokens), "sunk_tokens": self.sunk}
        return scanned._replace(report=report, facts=facts)

    def _without(self, sunk: np.ndarray) -> TokenScan:
        """The scan without some of its tokens."""
        kept = np.delete(np.arange(self.tokens.documents), sunk)
        sample = None if self.sample is None else np.searchsorted(kept, np.setdiff1d(self.sample, sunk))
        documents = self.tokens.part(kept) if len(sunk) else self.tokens
        return replace(
            self, documents=documents, sample=sample, frequency_of_all=self.frequency, sunk=self.sunk + len(sunk)
        )

    def _refuse_sunk(self, before: TokenScan) -> None:
        """Refuses to go on without all tokens of a category, which counts and tests need some of.

        Args:
            before: this scan with the tokens that were left out.
        """
        gone, left = _gone(before.tokens, self.tokens)
        if gone:
            named = f"Name the others: --categories {','.join(left)}" if len(left) > 1 else "Add texts of it"
            raise _all_sunk(gone, "", named)
        if gone := _gone(before.sampled, self.sampled)[0]:
            raise _all_sunk(gone, " in the sample", "Take a larger sample with --fit-on")

    def _texts(self, documents: Corpus) -> Corpus:
        return cast(TokenCorpus, documents).texts

    def _plan(self, documents: Corpus) -> TokenPlan | None:
        return cast(TokenCorpus, documents).plan

    def _covariates(self, documents: Corpus) -> np.ndarray:
        return cast(TokenCorpus, documents).plan.covariates(self.frequency)


def _kept(facts: TokenFacts | None) -> tuple[TokenFacts, np.ndarray]:
    """The ordinals of tokens that are no attention sink in any layer, and their facts."""
    known = cast("TokenFacts", facts)
    kept = np.flatnonzero(~known.sinks.any(axis=1))
    return known.of(kept), kept


def _gone(before: Corpus, after: Corpus) -> tuple[list[str], list[str]]:
    """The categories that had tokens before and have none after, and those that have some."""
    counts = zip(before.categories, after.categories, strict=True)
    return [name for (name, had), (_, has) in counts if had > has == 0], [name for name, has in after.categories if has]


def _all_sunk(categories: list[str], where: str, remedy: str) -> CorpusError:
    named = ", ".join(map(repr, categories))
    fact = f"All tokens of {named}{where} are attention sinks, which are in no region"
    return CorpusError("A category has tokens that are placed", fact, remedy)
