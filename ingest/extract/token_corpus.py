"""The tokens of a corpus's texts as the units of a scan: what a document is elsewhere, each has its category."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.corpus.groups import groups_of
from ingest.extract.token_plan import TokenPlan
from mri_core.errors import CorpusError
from mri_core.records.corpus import Document
from mri_core.texts.keywords import FEWEST_DOCUMENTS, FEWEST_WORDS, WordCounts
from mri_core.texts.words import border

WINDOW = 40  # characters on either side of a token that is shown in its text
ELLIPSIS = "…"


@dataclass(frozen=True)
class TokenCorpus(Corpus):
    """The tokens of texts, each as a document: its text is its type, its group that of its text.

    `documents`, `categories`, `labels` and `lengths` are of tokens; hashes and the source are of the texts.

    Attributes:
        texts: the corpus.
        plan: its tokens.
    """

    texts: Corpus = field(kw_only=True, repr=False)
    plan: TokenPlan = field(kw_only=True, repr=False, compare=False)

    def __iter__(self) -> Iterator[Document]:
        """The tokens in order; no text is read for them."""
        names = [name for name, _ in self.categories]
        blocks, types = self.groups.tolist(), self.plan.types
        for ordinal, (label, kind) in enumerate(zip(self.labels.tolist(), self.plan.kind.tolist(), strict=True)):
            yield Document(ordinal, names[label], types[kind], types[kind], group=f"#{blocks[ordinal]}")

    @cached_property
    def groups(self) -> np.ndarray:
        """(tokens,) number of the block of each one's text: the text's group, or the text itself."""
        blocks = groups_of(self.texts)
        text = self.plan.text
        return text if blocks is None else blocks[text]

    @property
    def unplaced(self) -> dict[str, int]:
        """The tags that are categories of the texts and that no token is of, with their words."""
        placed = {name for name, _ in self.categories}
        return {name: words for name, words in self.texts.tags or () if name not in placed}

    def part(self, ordinals: np.ndarray) -> TokenCorpus:
        """Some of the tokens, numbered anew."""
        return _corpus(self.texts, self.plan.of(ordinals), self.labels[ordinals], [name for name, _ in self.categories])

    def texts_by_category(self) -> list[int]:
        """The number of texts with a token of each category."""
        pairs = np.unique(self.plan.text * len(self.categories) + self.labels)
        return np.bincount(pairs % len(self.categories), minlength=len(self.categories)).tolist()

    def contexts(self, ordinals: Sequence[int]) -> dict[int, str]:
        """Some tokens in their texts, each between « and »; the corpus is read for it.

        Args:
            ordinals: of the tokens.

        Raises:
            CorpusError: the corpus is gone.
        """
        plan, wanted = self.plan, sorted(set(ordinals))
        texts = plan.text[wanted].tolist() if wanted else []
        of_text: dict[int, list[int]] = {}
        for ordinal, text in zip(wanted, texts, strict=True):
            of_text.setdefault(text, []).append(ordinal)
        found = {}
        for document in islice(self.texts, max(texts, default=-1) + 1):
            for ordinal in of_text.get(document.ordinal, ()):
                found[ordinal] = window(document.text, int(plan.begin[ordinal]), int(plan.end[ordinal]))
        return found


def window(text: str, begin: int, end: int) -> str:
    """A piece of a text with what stands around it, on one line: `…he sat by the «bank» of the…`.

    What is cut is cut between words where spaces part them, else between characters as a reader sees them.
    """
    before, after = text[max(0, begin - WINDOW) : begin], text[end : end + WINDOW]
    if begin > WINDOW:
        space = re.search(r"\s+(?=\S)", before)
        before = ELLIPSIS + (before[space.end() :] if space else text[border(text, begin - WINDOW) : begin])
    if end + WINDOW < len(text):
        space = re.search(r"(?<=\S)\s+\S*$", after)
        after = (after[: space.start()] if space else text[end : border(text, end + WINDOW, back=True)]) + ELLIPSIS
    return " ".join(f"{before}«{text[begin:end]}»{after}".split())


def tokens_of(texts: Corpus, plan: TokenPlan) -> TokenCorpus:
    """The tokens of a corpus: with labels of their own that are categories, or with the category of their text.

    Args:
        texts: the corpus.
        plan: of its tokens.

    Raises:
        CorpusError: fewer than two categories have tokens.
    """
    if texts.tags is None:
        return _checked(texts, plan, texts.labels[plan.text], [name for name, _ in texts.categories])
    names = [name for name, _ in texts.tags]
    number = np.array([names.index(label) if label in names else -1 for label in plan.labels], dtype=int)
    chosen = np.flatnonzero(number[plan.label] >= 0)
    return _checked(texts, plan.of(chosen), number[plan.label[chosen]], names)


def _checked(texts: Corpus, plan: TokenPlan, labels: np.ndarray, names: Sequence[str]) -> TokenCorpus:
    """The tokens of the categories that have some: a text may have none."""
    counts = np.bincount(labels, minlength=len(names))
    there = np.flatnonzero(counts).tolist()
    if len(there) < 2:
        fact = f"Those of {texts.source} are of {names[there[0]]!r} alone" if len(there) else "There are none"
        raise CorpusError("The tokens of a scan are of at least two categories", fact, "Add texts, or name more tags")
    number = np.cumsum(counts > 0) - 1
    return _corpus(texts, plan, number[labels], [names[place] for place in there])


def _corpus(texts: Corpus, plan: TokenPlan, labels: np.ndarray, names: Sequence[str]) -> TokenCorpus:
    counts = np.bincount(labels, minlength=len(names)).tolist()
    return TokenCorpus(
        source=texts.source,
        columns=texts.columns,
        categories=tuple(zip(names, counts, strict=True)),
        documents=plan.tokens,
        content_hash=texts.content_hash,
        skipped=texts.skipped,
        notes=texts.notes,
        warnings=texts.warnings,
        revision=texts.revision,
        lengths=(plan.end - plan.begin).astype(np.uint32),
        labels=labels.astype(np.int32),
        texts=texts,
        plan=plan,
        _read=lambda: iter(()),  # its own iteration reads the plan
        _documents_hash=texts.documents_hash,
    )


def count_types(tokens: TokenCorpus) -> WordCounts | None:
    """The types of tokens as `count_words` gives the words of documents; None unless two occur in two texts each."""
    plan = tokens.plan
    order = np.random.default_rng(0).permutation(plan.tokens)
    pairs, first = np.unique((plan.text * len(plan.types) + plan.kind)[order], return_index=True)
    texts = np.bincount(pairs % len(plan.types), minlength=len(plan.types))
    names = np.array(plan.types, dtype=object)
    frequent = np.flatnonzero(texts >= FEWEST_DOCUMENTS)
    if len(frequent) < FEWEST_WORDS:
        return None
    frequent = frequent[np.argsort(names[frequent])]
    number = np.full(len(names), len(frequent), dtype=np.intc)
    number[frequent] = np.arange(len(frequent))
    counted = np.zeros(plan.tokens, dtype=bool)
    counted[order[first]] = True
    return WordCounts(names[frequent], texts[frequent], np.arange(1, plan.tokens + 1), number[plan.kind], counted)
