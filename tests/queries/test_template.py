"""A template file is read whole, or refused with its path, its line and what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mri_core.errors import QueryError, UsageError
from queries.template import Column, Parameter, parse_template
from queries.values import coerce

GOOD = """\
// title: Strongest drivers
// group: connections
// question: Which regions drive this region most?
// param: study      study       study to read
// param: category   category?   documents of this category only
// param: at_least   int = 2     fewest documents
// param: word       string = "a b"  a word
// returns: source   region      id of the driving region
// returns: weight   int?        documents that take it
// view: graph
//
// Notes of
// two lines.

MATCH (s:Region {study: $study})-[e:FLOWS_TO]->()
WHERE e.category = $category AND e.weight >= $at_least AND $word <> '$nothing' // $nobody
RETURN s.id AS source, e.weight AS weight
ORDER BY weight;
"""


def write(folder: Path, text: str | bytes, name: str = "my-question.cypher") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_template_is_what_its_file_says(tmp_path: Path) -> None:
    template = parse_template(write(tmp_path, GOOD))
    assert template.name == "my-question"
    assert (template.title, template.group, template.view) == ("Strongest drivers", "connections", "graph")
    assert template.question == "Which regions drive this region most?"
    assert template.notes == "Notes of\ntwo lines."
    assert template.parameters == (
        Parameter("study", "study", False, True, None, "study to read"),
        Parameter("category", "category", True, False, None, "documents of this category only"),
        Parameter("at_least", "int", False, False, 2, "fewest documents"),
        Parameter("word", "string", False, False, "a b", "a word"),
    )
    assert template.returns == (
        Column("source", "region", "id of the driving region"),
        Column("weight", "int", "documents that take it", nullable=True),
    )
    assert template.statement.startswith("MATCH (s:Region")
    assert template.statement.endswith("ORDER BY weight")


def test_a_column_may_be_of_scans_of_one_unit_alone(tmp_path: Path) -> None:
    made = GOOD.replace("// returns: weight ", "// of-tokens: weight ")
    made = made.replace("// returns: source ", "// of-documents: source ")
    with pytest.raises(QueryError, match="The header does not say its returns"):
        parse_template(write(tmp_path, made))
    source, weight = parse_template(write(tmp_path, made.replace("of-documents:", "returns:"))).returns
    assert (source.unit, weight.unit) == (None, "token")
    assert (source.meaning, weight.meaning) == (source.description, f"of a scan of tokens: {weight.description}")


def test_a_question_may_be_of_scans_of_one_unit_alone(tmp_path: Path) -> None:
    assert parse_template(write(tmp_path, GOOD)).only is None
    assert parse_template(write(tmp_path, GOOD)).scope == ""
    said = "// view: graph\n// only: documents compares whole documents\n// instead: findings"
    template = parse_template(write(tmp_path, GOOD.replace("// view: graph", said)))
    assert template.only == ("document", "compares whole documents", "findings")
    told = "Of scans of documents alone: my-question compares whole documents. Of others, ask findings."
    assert template.scope == told


def test_an_option_has_hyphens_where_its_parameter_has_underscores(tmp_path: Path) -> None:
    assert [p.option for p in parse_template(write(tmp_path, GOOD)).parameters][2] == "--at-least"


def test_files_of_windows_editors_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert parse_template(path).title == "Strongest drivers"


def test_without_a_view_it_is_a_table(tmp_path: Path) -> None:
    assert parse_template(write(tmp_path, GOOD.replace("// view: graph\n", ""))).view == "table"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("// view: graph", "// colour: red", 10, "A header has no key 'colour'"),
        ("// view: graph", "// view: pie", 10, "There is no view 'pie'"),
        ("// view: graph", "// only: words", 10, "only says which scans, documents or tokens, and then why"),
        ("// view: graph", "// only: tokens", 10, "only says which scans, documents or tokens, and then why"),
        ("// view: graph", "// instead: findings", 10, "instead names the question for those whom only leaves out"),
        ("// view: graph", "// view:", 10, "The key 'view' has no value"),
        ("// view: graph", "// just words", 10, "A header line is // key: value"),
        ("// view: graph", "/* view: graph */", 10, "A header is made of // lines"),
        ("// view: graph", "// title: Again", 10, "The key 'title' stands twice"),
        ("// title: Strongest drivers\n", "", 1, "The header does not say its title"),
        ("// group: connections\n", "", 1, "The header does not say its group"),
        ("// question: Which regions drive this region most?\n", "", 1, "The header does not say its question"),
        ("group: connections", "group: others", 2, "There is no group 'others'"),
        ("at_least   int", "at_least   number", 6, "A parameter has no type 'number'"),
        ("at_least   int = 2     fewest documents", "at_least", 6, "The line gives a name, a type and a description"),
        ("int = 2     fewest documents", "int = 2", 6, "The line does not say what at_least is"),
        ("int = 2 ", "int = two ", 6, "The default of at_least is not JSON"),
        ("int = 2 ", "int = 2x ", 6, "The default of at_least is not JSON"),
        ("int = 2 ", "int = 2.5 ", 6, "The default of at_least is not of its type int"),
        ("int = 2 ", "int = true ", 6, "The default of at_least is not of its type int"),
        ("int = 2 ", 'int = "2" ', 6, "The default of at_least is not of its type int"),
        ("int = 2 ", "float = NaN ", 6, "The default of at_least is not of its type float"),
        ("int = 2 ", "bool = 1 ", 6, "The default of at_least is not of its type bool"),
        ("int = 2 ", "int = null ", 6, "The default of at_least is null"),
        ("string = ", "layer = ", 7, "The default of word is not of its type layer"),
        ("// param: at_least   int = 2 ", "// param: study      study   ", 6, "study is declared twice"),
        ("// returns: weight   int? ", "// returns: source   int? ", 9, "source is declared twice"),
        ("at_least   int = 2 ", "max-rows   int = 2 ", 6, "A parameter cannot be called 'max-rows'"),
        ("at_least   int = 2 ", "help       int = 2 ", 6, "A parameter cannot be called 'help'"),
        ("at_least   int = 2 ", "question   int = 2 ", 6, "A parameter cannot be called 'question'"),
        ("at_least   int = 2 ", "atLeast    int = 2 ", 6, "A parameter is called by lower-case words"),
        ("study      study  ", "study      string ", 4, "A parameter of the type study, and no other, is called study"),
        ("study      study  ", "of         study  ", 4, "A parameter of the type study, and no other, is called study"),
        ("study      study  ", "study      study? ", 5, "category belongs to a study"),
        ("$at_least", "2", 6, "The parameter at_least is declared and not used"),
        ("$at_least", "'$at_least'", 6, "The parameter at_least is declared and not used"),
        ("<> '$nothing'", "<> $nothing", 16, "$nothing is used and not declared"),
        ("AS weight", "AS documents", 9, "The statement does not return the column weight"),
        ("AS weight", "AS weight, 1 AS extra", 17, "The returned column extra is declared by no"),
        ("e.weight AS weight", "e.weight", 17, "Every expression that is returned has a name"),
        ("RETURN s.id AS source, e.weight AS weight", "RETURN *", 17, "Every expression that is returned has a name"),
        ("int? ", "number ", 9, "A column has no type 'number'"),
        ("'$nothing'", "'$nothing", 16, "' is not closed"),
        (";", "; MATCH (n) RETURN n.id AS source, 1 AS weight", 18, "A template holds one statement"),
        (
            "RETURN s.id AS source, e.weight AS weight\nORDER BY weight;",
            "WITH 1 AS a",
            15,
            "The statement has no RETURN",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(QueryError, match=f"^{re.escape(f'{path}:{line}: {message}')}"):
        parse_template(path)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "The header does not say its title"),
        (b"MATCH (n) RETURN n", 1, "A header is made of // lines"),
        (GOOD.split("\n\n")[0].encode(), 13, "A Cypher statement follows the header"),
        (GOOD.split("\n\n")[0].encode() + b"\n\n// nothing but this\n", 15, "A Cypher statement follows the header"),
        (GOOD.replace("Notes of", "Not\xe9s").encode("latin-1"), 12, "A template is UTF-8 text"),
        (GOOD.replace("\n\n", "\n").encode(), 14, "A header is made of // lines"),
    ],
)
def test_a_file_that_is_no_template_is_refused(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(QueryError, match=f"^{re.escape(f'{path}:{line}: {message}')}"):
        parse_template(path)


def test_a_header_without_returns_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join(line for line in GOOD.split("\n") if "// returns" not in line))
    with pytest.raises(QueryError, match="1: The header does not say its returns"):
        parse_template(path)


def test_a_question_is_called_by_lower_case_words(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="A question is called by its file, in lower-case words"):
        parse_template(write(tmp_path, GOOD, "My Question.cypher"))


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder.cypher").mkdir()
    with pytest.raises(QueryError, match=r"folder\.cypher:1: The file cannot be read"):
        parse_template(tmp_path / "folder.cypher")


def test_a_second_study_needs_a_first(tmp_path: Path) -> None:
    text = (
        "// title: a\n// group: across\n// question: a?\n// param: other study a study\n"
        "// returns: x int a number\n\nRETURN $other AS x\n"
    )
    with pytest.raises(QueryError, match="4: other belongs to a study"):
        parse_template(write(tmp_path, text))


def test_a_string_may_be_one_of_some_words(tmp_path: Path) -> None:
    text = (
        "// title: T\n// group: study\n// question: Q?\n// param: by string(up|down)? = {} the way\n"
        "// returns: way string it\n\nRETURN $by AS way\n"
    )
    path = tmp_path / "ways.cypher"
    path.write_text(text.format('"up"'))
    (parameter,) = parse_template(path).parameters
    assert (parameter.choices, parameter.default, parameter.form, parameter.nullable) == (
        ("up", "down"),
        "up",
        "up|down",
        True,
    )
    assert coerce(parameter, "down") == "down"
    with pytest.raises(UsageError, match=r"--by must be one of up, down. It is 'left'"):
        coerce(parameter, "left")
    path.write_text(text.format('"left"'))
    with pytest.raises(QueryError, match=r"ways.cypher:4: The default of by is none of up, down"):
        parse_template(path)


@pytest.mark.parametrize("line", ["param: by int(1|2) a number", "returns: by string(a|b) a text"])
def test_only_a_string_that_is_given_is_one_of_some_words(tmp_path: Path, line: str) -> None:
    path = tmp_path / "odd.cypher"
    head = "// title: T\n// group: study\n// question: Q?"
    path.write_text(f"{head}\n// {line}\n// returns: x int it\n\nRETURN 1 AS x\n")
    with pytest.raises(QueryError, match=r"odd.cypher:4: Only a"):
        parse_template(path)
