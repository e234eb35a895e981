"""What a study counts, in words, and who refuses to count it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.records.units import counted, refuse_documents, refuse_tokens, text_word, unit_word
from tests.planted import planted_graph
from ui.wording import units as on_the_page

DOCUMENTS = replace(planted_graph("news").study, documents=1421)
TOKENS = replace(DOCUMENTS, name="words", documents=980, tokens=12431)


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (DOCUMENTS, "1,421 documents"),
        (replace(DOCUMENTS, documents=1), "1 document"),
        (TOKENS, "12,431 tokens of 980 texts"),
        (replace(TOKENS, documents=1, tokens=1), "1 token of 1 text"),
        (replace(TOKENS, documents=3, tokens=0), "0 tokens of 3 texts"),
    ],
)
def test_a_study_says_what_it_counts(study: Study, words: str) -> None:
    assert counted(study) == words


def test_units_and_texts_have_a_word_each() -> None:
    assert (unit_word(TOKENS), text_word(TOKENS)) == ("tokens", "texts")
    assert (unit_word(DOCUMENTS), text_word(DOCUMENTS)) == ("documents", "documents")
    assert (unit_word(TOKENS, plural=False), text_word(TOKENS, plural=False)) == ("token", "text")
    assert (unit_word(DOCUMENTS, plural=False), text_word(DOCUMENTS, plural=False)) == ("document", "document")


def test_what_needs_one_unit_refuses_the_other_in_one_line() -> None:
    refuse_tokens(DOCUMENTS, "A match compares documents")
    refuse_documents(TOKENS, "This asks for tokens")
    with pytest.raises(UsageError) as error:
        refuse_tokens(TOKENS, "A match compares documents")
    assert str(error.value) == "A match compares documents. words is a scan of tokens. Scan the texts as documents."
    with pytest.raises(UsageError, match=r"This asks for tokens. news is a scan of documents. .*--unit token"):
        refuse_documents(DOCUMENTS, "This asks for tokens")
    with pytest.raises(UsageError, match="Ask something else"):
        refuse_tokens(TOKENS, "A match compares documents", "Ask something else")


def test_the_page_and_commands_have_the_same_words() -> None:
    assert (on_the_page.counted, on_the_page.unit_word, on_the_page.text_word) == (counted, unit_word, text_word)
