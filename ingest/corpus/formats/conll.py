"""CoNLL files: a line for each word with its tags in columns, and a blank line after each sentence.

CoNLL-U and CoNLL-U Plus as https://universaldependencies.org/format.html has them; others have no names for their
columns, which are then numbered from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import Any

from ingest.corpus.formats.opening import format_suffix, numbered_lines
from ingest.corpus.formats.spans import GAPS
from ingest.corpus.formats.words import Words
from mri_core.errors import CorpusError

SUFFIXES = (".conll", ".conllu", ".conllup", ".iob", ".iob2", ".bio")
UNIVERSAL = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
USUAL = "UPOS"  # of CoNLL-U the tags that are read unless others are named: its last column has remarks
REMARKS, NO_SPACE = "MISC", "SpaceAfter=No"
NEW_DOCUMENT = re.compile(r"#\s*newdoc\b\s*(?:id\s*=\s*(.*))?")
COLUMNS = "global.columns"
OF_THE_FILE = ("newdoc", "newpar", "global.")  # beginnings of comments that say nothing about a sentence
BREAK = "-DOCSTART-"
NUMBER = re.compile(r"[0-9]{1,9}")
RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
EMPTY = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
TEXT, ID, DOCUMENT = "text", "id", "document"
HEADS = ("token", "word", "form", "tokens", "words")  # of the first column, where a file names its columns
TAG_HEADS = ("tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "pos", "pos_tag", "pos_tags", "upos")
LOOKED_AT = 400  # lines that show whether a file is of words


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are written.

    Attributes:
        tabs: they are separated by tabs, else by spaces.
        names: of the columns.
        form: index of the column of the words.
        first: the number of the first line of a sentence.
        universal: words are numbered as CoNLL-U does.
    """

    tabs: bool
    names: tuple[str, ...]
    form: int
    first: int = 1
    universal: bool = False

    def fields(self, line: str) -> list[str]:
        """The columns of a line."""
        return line.split("\t") if self.tabs else line.split()

    def is_comment(self, line: str, *, begun: bool) -> bool:
        """Whether a line is none of a word: `#` may be one, too.

        Args:
            line: without its end.
            begun: the sentence has a word.
        """
        if not line.startswith("#"):
            return False
        keyed = line.startswith("# ") and " = " in line
        return self.universal or keyed or not (begun or len(self.fields(line)) == len(self.names))


@dataclass
class Sentence:
    """The lines of a sentence.

    Attributes:
        document: that it is of; None if the file does not say.
        comments: by their keys.
        lines: the columns of each word.
        numbers: of these lines in the file.
    """

    document: str | None = None
    comments: dict[str, str] = field(default_factory=dict)
    lines: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


class ConllReader:
    """A CoNLL file, a row for each sentence.

    The columns are `text`, `id` (`# sent_id`), `document` (`# newdoc`, `-DOCSTART-`), other comments by their keys, and
    those of the words, each of which holds a list. The text is that of the comment `# text`, else the words with a
    space between them, or none where CoNLL-U says so.

    Raises:
        CorpusError: the file has no words, or not as many columns in each line.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path
        self._layout = _layout(path)
        self.token_columns = self._layout.names
        self.usual_tags = USUAL if self.token_columns == UNIVERSAL else self.token_columns[-1]
        keys: dict[str, None] = {}
        documents = False
        for sentence in self._sentences():
            keys.update(dict.fromkeys(sentence.comments))
            documents |= sentence.document is not None
        own = [TEXT, *([ID] if "sent_id" in keys else []), *([DOCUMENT] if documents else [])]
        known = {*own, "sent_id", *self.token_columns}
        self._comments = tuple(key for key in keys if key not in known)
        self.columns = (*own, *self._comments, *(name for name in self.token_columns if name not in own))

    def rows(self, wanted: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        """The wanted cells of each sentence."""
        for sentence in self._sentences():
            place = f"line {sentence.numbers[0]} of {self.name}"
            yield place, [self._cell(sentence, name, place) for name in wanted]

    def _cell(self, sentence: Sentence, name: str, place: str) -> Any:
        if name == TEXT:
            return self._text(sentence, place)
        if name == DOCUMENT and sentence.document is not None:
            return sentence.document
        if name == ID or name in self._comments:
            return sentence.comments.get("sent_id" if name == ID else name)
        if name in self.token_columns:
            return self._column(sentence, self.token_columns.index(name))
        return None

    def _column(self, sentence: Sentence, column: int) -> list[str]:
        """The cells of a column, one for each word; that of a shared form, where it has one, for each of its words."""
        cells = []
        for form, words in self._forms(sentence):
            shared = None if form[column] in GAPS else form[column]
            cells += [shared or word[column] for word in words]
        return cells

    def _forms(self, sentence: Sentence) -> Iterator[tuple[list[str], list[list[str]]]]:
        """The line of each form as it stands in the text, and those of its words: of one word, the same line."""
        if not self._layout.universal:
            yield from ((fields, [fields]) for fields in sentence.lines)
            return
        lines = [fields for fields in sentence.lines if not EMPTY.fullmatch(fields[0])]
        place = 0
        while place < len(lines):
            form, words = lines[place], [lines[place]]
            place += 1
            if match := RANGE.fullmatch(form[0]):
                end = place
                while end < len(lines) and NUMBER.fullmatch(lines[end][0]) and int(lines[end][0]) <= int(match[2]):
                    end += 1
                words, place = lines[place:end], end
            yield form, words

    def _text(self, sentence: Sentence, place: str) -> Words:
        given = sentence.comments.get(TEXT)
        text, places, end = given or "", [], 0
        remarks = self.token_columns.index(REMARKS) if REMARKS in self.token_columns else None
        for fields, words in self._forms(sentence):
            form, start = fields[self._layout.form], end
            if given is None:
                text += form
            else:
                start += len(given) - end - len(given[end:].lstrip())
                if not given.startswith(form, start):
                    fact = f"{place} has {form!r} where the text has {given[start : start + len(form)]!r}"
                    raise CorpusError("The words of a sentence make its # text", fact, "Correct it, or remove # text")
            end = start + len(form)
            places += self._places(form, start, [word[self._layout.form] for word in words])
            if given is None and (remarks is None or NO_SPACE not in fields[remarks].split("|")):
                text, end = f"{text} ", end + 1
        return Words(text if given is not None else text.rstrip(" "), places, self._numbers(sentence))

    def _places(self, form: str, start: int, words: list[str]) -> list[tuple[int, int]]:
        """Where the words of a form are: each its own part where they spell it, as do and n't, else the whole form."""
        if "".join(words) != form:
            return [(start, start + len(form))] * len(words)
        ends = list(accumulate(map(len, words), initial=start))
        return list(pairwise(ends))

    def _numbers(self, sentence: Sentence) -> list[int]:
        """The lines of the words, in their order: not of forms that stand for several, and not of empty ones."""
        if not self._layout.universal:
            return sentence.numbers
        lines = zip(sentence.numbers, sentence.lines, strict=True)
        return [number for number, fields in lines if not (EMPTY.fullmatch(fields[0]) or RANGE.fullmatch(fields[0]))]

    def _sentences(self) -> Iterator[Sentence]:
        document, documents = None, 0
        sentence = Sentence()
        for number, line in _lines(self._path, self._layout.first):
            if not line.strip():
                if sentence.lines:
                    yield sentence
                    sentence = Sentence(document)
            elif line.startswith(BREAK):
                documents += 1
                document = sentence.document = f"document {documents}"
            elif self._layout.is_comment(line, begun=bool(sentence.lines)):
                if match := NEW_DOCUMENT.fullmatch(line):
                    documents += 1
                    document = sentence.document = (match[1] or "").strip() or f"document {documents}"
                elif (keyed := _keyed(line)) and not keyed[0].startswith(OF_THE_FILE):
                    sentence.comments[keyed[0]] = keyed[1]
            else:
                sentence.numbers.append(number)
                sentence.lines.append(self._checked(number, line))
        if sentence.lines:
            yield sentence

    def _checked(self, number: int, line: str) -> list[str]:
        fields = self._layout.fields(line)
        if len(fields) != len(self.token_columns):
            fact = f"Line {number} of {self.name} has {len(fields)} and the first {len(self.token_columns)}"
            remedy = f"Separate columns by {'tabs' if self._layout.tabs else 'spaces'}, sentences by a blank line"
            raise CorpusError("Every word of a CoNLL file has as many columns", fact, remedy)
        if not fields[self._layout.form].strip():
            raise CorpusError("A word has characters", f"Line {number} of {self.name} has none")
        return fields


def of_words(path: Path) -> bool:
    """Whether a file of some other kind's name is clearly one of words: blank lines between lines of like columns.

    A table has a text in a row, which has spaces, or names its text and label column in the first line.
    """
    lines = [line for _, line in islice(_lines(path), LOOKED_AT)]
    blocks = "\n".join("" if not line.strip() else line for line in lines).strip("\n").split("\n\n")
    words = [line for block in blocks for line in block.split("\n") if line and not line.startswith(("#", BREAK))]
    if len(blocks) < 2 or not words:
        return False
    tabs = all("\t" in line for line in words)
    rows = [line.split("\t") if tabs else line.split(" ") for line in words]
    head = {cell.strip().lower() for cell in rows[0]}
    widths = {len(row) for row in rows}
    named = "label" in head and "text" in head
    return len(widths) == 1 and widths != {1} and not named and not any(" " in cell for row in rows for cell in row)


def _lines(path: Path, first: int = 1) -> Iterator[tuple[int, str]]:
    for number, line in numbered_lines(path):
        if number >= first:
            yield number, line.rstrip("\r\n")


def _keyed(line: str) -> tuple[str, str] | None:
    """The key and the value of a comment `# key = value`; None if it is another line."""
    key, equals, value = line[1:].partition("=")
    return (key.strip(), value.strip()) if line.startswith("#") and equals and key.strip() else None


def _layout(path: Path) -> Layout:
    """The layout that the first lines show."""
    names, first = None, 1
    sentence: list[str] = []
    for number, line in _lines(path):
        if line.startswith(BREAK):
            continue
        if (keyed := _keyed(line)) and keyed[0] == COLUMNS:
            names = tuple(keyed[1].split())
        elif not line.strip() and sentence:
            break
        elif line.strip() and not (line.startswith("#") and not sentence):
            sentence.append(line)
            first = number if len(sentence) == 1 else first
    if not sentence:
        raise CorpusError("A corpus has documents", f"{path.name} has no words")
    tabs = "\t" in sentence[0]
    fields = [line.split("\t") if tabs else line.split() for line in sentence]
    numbered = [row[0] for row in fields] in ([str(n + start) for n in range(len(fields))] for start in (0, 1))
    if names is None and tabs and len(fields[0]) == len(UNIVERSAL):
        like = format_suffix(path) == ".conllu" or bool(RANGE.fullmatch(fields[0][0]) or NUMBER.fullmatch(fields[0][0]))
        names = UNIVERSAL if like else None
    if names is not None:
        return Layout(tabs, names, names.index("FORM") if "FORM" in names else 0, universal=names[0] == "ID")
    head = [cell.strip().lower() for cell in fields[0]]
    if len(head) > 1 and head[0] in HEADS and head[-1] in TAG_HEADS:
        return Layout(tabs, tuple(cell.strip() for cell in fields[0]), 0, first=first + 1)
    return Layout(tabs, tuple(str(n + 1) for n in range(len(fields[0]))), int(numbered and len(fields[0]) > 1))
