"""CoNLL files: words, sentences, documents and tags as they are written, with the place of each word in its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corpus.corpus import Corpus, CorpusOptions, open_corpus
from mri_core.errors import CorpusError, UsageError
from tests.ingest.refusal import refused

UNIVERSAL = """\
# newdoc id = first
# sent_id = s1
# text = Vamos  al mar.
1	Vamos	ir	VERB	_	_	0	root	_	_
2-3	al	_	_	_	_	_	_	_	_
2	a	a	ADP	_	_	4	case	_	_
3	el	el	DET	_	_	4	det	_	_
4	mar	mar	NOUN	_	_	1	obl	_	SpaceAfter=No
4.1	nada	nada	NOUN	_	_	_	_	_	_
5	.	.	PUNCT	_	_	1	punct	_	_

# newdoc
# sent_id = s2
# mood = good
1-2	Dámelo	_	_	_	_	_	_	_	SpaceAfter=No
1	Dá	dar	VERB	_	_	0	root	_	_
2	melo	melo	PRON	_	_	1	obj	_	_
3	!	!	PUNCT	_	_	1	punct	_	_
"""
PLAIN = """\
-DOCSTART- -X- O

EU NNP B-ORG
# SYM O
rejects VBZ O

-DOCSTART- -X- O

Anna NNP B-PER
Lind NNP I-PER
"""


def opened(folder: Path, name: str, content: str, **options: object) -> Corpus:
    (folder / name).write_text(content)
    return open_corpus(folder / name, CorpusOptions(unit="token", **options))  # type: ignore[arg-type]


def pieces(corpus: Corpus) -> list[list[tuple[str, str | None]]]:
    return [[(text.text[start:end], label) for start, end, label in text.spans or ()] for text in corpus]


def test_conll_u_has_one_piece_for_a_shared_form_its_own_text_and_its_documents(tmp_path: Path) -> None:
    corpus = opened(tmp_path, "x.conllu", UNIVERSAL, group="document")
    first, second = corpus
    assert [(text.text, text.source_id, text.group) for text in (first, second)] == [
        ("Vamos  al mar.", "s1", "first"),
        ("Dámelo!", "s2", "document 2"),
    ]
    assert first.spans == ((0, 5, "VERB"), (7, 9, None), (10, 13, "NOUN"), (13, 14, "PUNCT"))
    assert second.spans == ((0, 2, "VERB"), (2, 6, "PRON"), (6, 7, "PUNCT"))  # Dá and melo spell it
    assert corpus.tags == (("NOUN", 1), ("PRON", 1), ("PUNCT", 2), ("VERB", 2))
    assert (corpus.categories, first.category) == ((("", 2),), "")


@pytest.mark.parametrize("named", ["UPOS", "upos", "4"])
def test_a_column_is_named_in_any_case_or_by_its_number(tmp_path: Path, named: str) -> None:
    assert opened(tmp_path, "x.conllu", UNIVERSAL, tags=named).columns.tags == "UPOS"


def test_a_comment_may_be_the_label_of_a_sentence(tmp_path: Path) -> None:
    sad = UNIVERSAL.replace("# sent_id = s1", "# sent_id = s1\n# mood = bad")
    corpus = opened(tmp_path, "x.conllu", sad, label="mood")
    assert (corpus.categories, corpus.tags) == ((("bad", 1), ("good", 1)), None)
    assert [text.spans for text in corpus] == [None, None]


def test_conll_u_plus_names_its_columns_and_the_last_one_is_read(tmp_path: Path) -> None:
    plus = "# global.columns = ID FORM NER\n1\tAnna\tB-PER\n2\tin\tO\n3\tLund\tB-LOC\n"
    corpus = opened(tmp_path, "x.conllup", plus)
    assert corpus.columns.tags == "NER"
    assert pieces(corpus) == [[("Anna", "PER"), ("in", None), ("Lund", "LOC")]]


def test_the_tag_of_a_shared_form_is_that_of_its_words(tmp_path: Path) -> None:
    plus = "# global.columns = ID FORM NER\n1\ta\tB-X\n2-3\tdel\tI-X\n2\tde\t_\n3\tel\t_\n4\tb\tI-X\n5\tc\tB-Y\n"
    assert pieces(opened(tmp_path, "x.conllup", plus)) == [[("a", "X"), ("del", "X"), ("b", "X"), ("c", "Y")]]


def test_a_range_of_words_that_are_not_there_is_a_form_without_any(tmp_path: Path) -> None:
    plus = "# global.columns = ID FORM POS\n1-999999999\tdel\t_\n1\tde\tX\n\n1\ta\tY\n2-3\tal\t_\n"
    corpus = opened(tmp_path, "x.conllup", plus)
    assert [text.text for text in corpus] == ["del", "a al"]
    assert pieces(corpus) == [[("del", "X")], [("a", "Y")]]


def test_a_plain_file_numbers_its_columns_and_a_hash_may_be_a_word(tmp_path: Path) -> None:
    entities = opened(tmp_path, "x.conll", PLAIN, group="document")
    assert [(text.text, text.group) for text in entities] == [
        ("EU # rejects", "document 1"),
        ("Anna Lind", "document 2"),
    ]
    assert pieces(entities) == [[("EU", "ORG"), ("#", None), ("rejects", None)], [("Anna", "PER"), ("Lind", "PER")]]
    speech = opened(tmp_path, "x.conll", PLAIN, tags="2")
    assert speech.tags == (("NNP", 3), ("SYM", 1), ("VBZ", 1))


def test_a_comment_before_a_sentence_of_a_plain_file_is_no_word(tmp_path: Path) -> None:
    corpus = opened(tmp_path, "x.bio", "# id 7 of 9\nAnna B-PER\n\n#hash O\n#a=b O\nLund B-LOC\n")
    assert [text.text for text in corpus] == ["Anna", "#hash #a=b Lund"]


def test_numbered_words_are_not_the_numbers(tmp_path: Path) -> None:
    corpus = opened(tmp_path, "x.conll", "1 Anna N\n2 sings V\n\n1 Yes X\n2 Bo N\n")
    assert [text.text for text in corpus] == ["Anna sings", "Yes Bo"]


def test_a_header_names_the_columns(tmp_path: Path) -> None:
    corpus = opened(tmp_path, "x.tsv", "word\tner\nAnna\tB-PER\nin\tO\n\nLund\tB-LOC\n")
    assert corpus.columns.tags == "ner"
    assert pieces(corpus) == [[("Anna", "PER"), ("in", None)], [("Lund", "LOC")]]


@pytest.mark.parametrize("name", ["x.tsv", "x.txt"])
def test_a_file_of_words_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    corpus = opened(tmp_path, name, "Anna\tB-PER\nin\tO\n\nLund\tB-LOC\n")
    assert [text.text for text in corpus] == ["Anna in", "Lund"]


def test_a_table_with_blank_lines_stays_a_table(tmp_path: Path) -> None:
    table = "id\tsentence\tclass\n1\tone two\ta\n\n2\tthree four\tb\n"
    (tmp_path / "x.tsv").write_text(table)
    assert [text.text for text in open_corpus(tmp_path / "x.tsv")] == ["one two", "three four"]


def test_a_treebank_is_a_folder_of_its_parts(tmp_path: Path) -> None:
    for part in ("train", "dev"):
        (tmp_path / f"xx-ud-{part}.conllu").write_text(UNIVERSAL.replace("s1", f"{part}1"))
    corpus = open_corpus(tmp_path, CorpusOptions(unit="token"))
    assert [text.source_id for text in corpus] == ["train1", "s2"]
    assert corpus.columns.tags == "UPOS"


def test_a_compressed_file_with_other_ends_of_lines_is_the_same(tmp_path: Path) -> None:
    import gzip

    plain = opened(tmp_path, "x.conllu", UNIVERSAL)
    (tmp_path / "x.conllu.gz").write_bytes(gzip.compress(UNIVERSAL.replace("\n", "\r\n").encode()))
    assert open_corpus(tmp_path / "x.conllu.gz", CorpusOptions(unit="token")).content_hash == plain.content_hash


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        ("", ["x.conll has no words"]),
        ("Anna N\nsings\n", ["Line 2 of x.conll has 1 and the first 2", "spaces"]),
        ("Anna\tN\nsings\tV\tx\n", ["Line 2 of x.conll has 3 and the first 2", "tabs"]),
        ("Anna\tN\n\tV\n", ["A word has characters", "Line 2 of x.conll"]),
        ("# text = Anna runs\nAnna N\nsings V\n", ["line 2 of x.conll has 'sings' where the text has 'runs'"]),
        ("Anna I-PER\nin O\n\nBo I-PER\n", ["line 1 of x.conll has I-PER after no tag", "IOB1", "IOB2"]),
        ("Anna B-PER\nin O\nBo I-PER\n", ["line 3 of x.conll has I-PER after O", "Correct the tags"]),
        ("Anna B-PER\nBo I-LOC\n", ["line 2 of x.conll has I-LOC after B-PER"]),
        ("Anna B-PER\nin O\nBo S-PER\n", ["line 2 of x.conll has O after B-PER", "E- or L-"]),
        ("Bo S-PER\nAnna B-PER\n", ["The end of the sentence, after line 2 of x.conll, has no tag after B-PER"]),
        ("Anna _\nBo _\n", ["No word of x.conll has a tag"]),
        ("Anna N\nBo N\n", ["at least two categories", "have one, 'N'", "--untagged"]),
        (f"Anna {'N' * 201}\nBo X\n", ["1 to 200 characters", "line 1 of x.conll", "201", "--tags"]),
        ("".join(f"w{i} t{i}\n" for i in range(40)), ["40 different tags of 40 words", "--top"]),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(tmp_path: Path, content: str, facts: list[str]) -> None:
    with refused(*facts):
        opened(tmp_path, "x.conll", content)


def test_a_broken_tag_is_named_by_the_line_of_its_word_behind_comments_and_shared_forms(tmp_path: Path) -> None:
    plus = "# global.columns = ID FORM NER\n1\ta\tB-X\n\n# sent_id = 2\n1-2\tdel\tO\n1\tde\t_\n2\tel\t_\n"
    with refused("line 9 of x.conllup has I-Y after B-X"):
        opened(tmp_path, "x.conllup", plus + "3\tb\tB-X\n4\tc\tI-Y\n")


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with refused("no column called 'NER'", "--tags", kind=UsageError):
        opened(tmp_path, "x.conllu", UNIVERSAL, tags="NER")


def test_tags_are_no_labels_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "x.conllu").write_text(UNIVERSAL)
    with refused("column 'UPOS', holds a list", "--unit token", kind=CorpusError):
        open_corpus(tmp_path / "x.conllu", CorpusOptions(label="UPOS"))
