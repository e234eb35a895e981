"""How texts were tokenised and truncated, by category, and whether categories differ enough in it to mislead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.corpus.corpus import Corpus
from ingest.extract.token_plan import PLAN
from mri_core.texts.words import every_word

if TYPE_CHECKING:
    from ingest.extract.records import TokenFacts
    from ingest.extract.token_corpus import TokenCorpus

FAR_APART = 1.25  # tokens per word, the most of a category over the least
CUT_APART = 0.1  # share of truncated texts, largest minus smallest of a category
UNKNOWN = 0.05  # of a category's tokens: emoji and rare signs stay below, a script that is not known lies near 1


def token_report(documents: Corpus, facts: TokenFacts) -> dict[str, Any]:
    """The token report of a model's run, as JSON values.

    Returns:
        `cut` (texts by category, where there are any), `sinks_left_out` (by layer), `without_tokens`, `tokens`, and
        `by_category`: for each `cut_share`, `tokens_per_word` (own tokens, cut ones too, over the texts'
        words), `unknown_share` (of the tokens read, where there are any), `sinks_left_out` (by layer, a document's
        mean) and `without_tokens`.
    """
    names = [name for name, _ in documents.categories]
    codes, words = documents.labels, _word_numbers(documents)
    sizes = np.bincount(codes, minlength=len(names))
    cut = np.bincount(codes, facts.cut > 0, len(names))
    unread = np.bincount(codes, facts.unread, len(names))
    sinks = np.stack([np.bincount(codes, layer, len(names)) for layer in facts.sinks.T], axis=1)
    unknown, read = (np.bincount(codes, counts, len(names)) for counts in (facts.unknown, facts.read))
    ratios = _per_word(codes, words, facts.read + facts.cut)
    return {
        "cut": {name: int(count) for name, count in zip(names, cut, strict=True) if count},
        "sinks_left_out": facts.sinks.sum(axis=0).tolist(),
        "without_tokens": int(facts.unread.sum()),
        "tokens": int(facts.read.sum()),
        "by_category": {
            name: {
                "cut_share": float(cut[code] / sizes[code]),
                **({"tokens_per_word": ratios[code]} if code in ratios else {}),
                **({"unknown_share": float(unknown[code] / read[code])} if unknown[code] else {}),
                "sinks_left_out": (sinks[code] / sizes[code]).tolist(),
                "without_tokens": int(unread[code]),
            }
            for code, name in enumerate(names)
        },
    }


def unit_report(tokens: TokenCorpus) -> dict[str, Any]:
    """The report of a scan whose units are tokens, as JSON values.

    Args:
        tokens: that are scanned.

    Returns:
        `plan` (the version of what chose them), `texts` and `texts_without_tokens` (their numbers), `texts_cut` and
        `tokens_cut` (beyond the length that the model takes), `pieceless` (by tag that is scanned, words that no token
        is of), `unplaced` (tags of which no word is placed, with their words; both absent if there are none), and
        `by_category`: for each `unknown_share`, of its tokens, where there are any.
    """
    plan = tokens.plan
    held = np.diff(plan.starts) > 0
    unknown = np.bincount(tokens.labels, plan.unknown, len(tokens.categories))
    lost = dict(zip(plan.labels, plan.pieceless.tolist(), strict=True))
    of_tags = {
        "pieceless": {name: lost[name] for name, _ in tokens.texts.tags or () if lost.get(name)},
        "unplaced": tokens.unplaced,
    }
    return {
        "plan": PLAN,
        "texts": int(held.sum()),
        "texts_without_tokens": int((~held).sum()),
        "texts_cut": int((plan.cut > 0).sum()),
        "tokens_cut": int(plan.cut.sum()),
        **{key: found for key, found in of_tags.items() if found},
        "by_category": {
            name: {"unknown_share": float(some / count)}
            for (name, count), some in zip(tokens.categories, unknown, strict=True)
            if some
        },
    }


def given_token_report(documents: Corpus, tokens: np.ndarray | None) -> dict[str, Any]:
    """The report of given activations: `tokens_per_word`, if there are texts and their lengths in tokens."""
    if tokens is None or documents.columns.text is None:
        return {}
    ratios = _per_word(documents.labels, _word_numbers(documents), tokens)
    known = {name: {"tokens_per_word": ratios[i]} for i, (name, _) in enumerate(documents.categories) if i in ratios}
    return {"by_category": known} if known else {}


def token_warnings(report: dict[str, Any]) -> tuple[str, ...]:
    """Warnings: texts that the model hardly sees, and token statistics that confound the categories."""
    return (
        *_tokenless(report),
        *_unplaced(report),
        *_unknown(report),
        *_warning(report, "tokens_per_word"),
        *_warning(report, "cut_share"),
    )


def _tokenless(report: dict[str, Any]) -> Iterator[str]:
    count = report.get("without_tokens")
    if count:
        yield f"Texts without a token of their own, for which everything the model read is pooled: {count}."


def _unplaced(report: dict[str, Any]) -> Iterator[str]:
    if lost := report.get("pieceless"):
        yield (
            f"Words without a token of their own, which are not placed: {_most(lost)}. The tokenizer joins them with"
            " the word before, or leaves them out."
        )
    if beyond := report.get("tokens_cut"):
        count = f"{beyond:,}, of {report['texts_cut']:,} texts"
        yield f"Tokens beyond the {report['max_length']} that the model takes of a text are not placed: {count}."
    if absent := report.get("unplaced"):
        yield f"Tags of which no word is placed, and which are no categories of the study: {_most(absent)}."


def _most(words: dict[str, int]) -> str:
    """The tags of the most words, with these."""
    most = sorted(words, key=lambda name: (-words[name], name))
    return ", ".join(f"{words[name]:,} of {name!r}" for name in most[:3]) + (", …" if len(most) > 3 else "")


def _unknown(report: dict[str, Any]) -> Iterator[str]:
    shares = {name: facts.get("unknown_share", 0.0) for name, facts in report.get("by_category", {}).items()}
    high = {name: share for name, share in shares.items() if share > UNKNOWN}
    if high:
        worst = sorted(high, key=high.__getitem__, reverse=True)[:3]
        listed = ", ".join(f"{high[name]:.0%} of the tokens in {name!r}" for name in worst)
        yield f"The tokenizer does not know {listed}: such texts look alike to the model. Take one of their language."


def _warning(report: dict[str, Any], key: str) -> Iterator[str]:
    known = {name: facts[key] for name, facts in report.get("by_category", {}).items() if key in facts}
    if len(known) < 2:
        return
    least, most = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    if key == "tokens_per_word" and known[most] > FAR_APART * known[least]:
        values = f"{known[most]:.2f} in {most!r}, {known[least]:.2f} in {least!r}"
        yield f"The categories differ in tokens per word: {values}."
    if key == "cut_share" and known[most] - known[least] > CUT_APART:
        values = f"{known[most]:.0%} of {most!r}, {known[least]:.0%} of {least!r}"
        yield f"The categories differ in truncated texts: {values}."


def _word_numbers(documents: Corpus) -> np.ndarray:
    """(documents,) words by Unicode's rules (UAX #29), single letters among them."""
    return np.fromiter((len(every_word(document.text)) for document in documents), np.int32, documents.documents)


def _per_word(codes: np.ndarray, words: np.ndarray, tokens: np.ndarray) -> dict[int, float]:
    """Tokens over words of each category that has words."""
    totals = zip(np.bincount(codes, tokens), np.bincount(codes, words), strict=True)
    return {code: float(of_tokens / of_words) for code, (of_tokens, of_words) in enumerate(totals) if of_words}
