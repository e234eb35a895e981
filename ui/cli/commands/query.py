"""`mri query`: the questions, each a command whose help is made from its header."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import click

from mri_core.errors import UsageError
from mri_core.store import open_store
from queries.catalog import Catalog, load_catalog
from queries.emptiness import why_empty
from queries.runner import LIMIT, is_limited, run
from queries.sampled import of_sample_in
from queries.template import Parameter, Template
from ui.cli.options import format_option, reading_options
from ui.cli.output import print_json, print_sample_line, print_table, tell_cut
from ui.reports.answers import Answers
from ui.wording.labels import reader_names
from ui.wording.terminal import fitted, runnable

QUERIES = "--queries"
OF_TOKENS = (
    "Of a scan of tokens, weights, shares and what flows count tokens; columns and lists of documents are of its texts."
)
POSITIONAL = "study_"  # a name that no parameter of a question has: none ends in _


class QueryGroup(click.Group):
    """One command a question. User folders are known before the question is looked up, wherever they are named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Takes `--queries` out from among the question's own options."""
        folders, rest = _folders(args)
        ctx.obj = load_catalog(folders)
        return super().parse_args(ctx, rest)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The questions' names, sorted by group."""
        return [template.name for template in ctx.obj]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The question as a command; an unknown one is a `UsageError` with near names."""
        return _question(ctx.obj.get(cmd_name))


@click.group(
    "query", cls=QueryGroup, invoke_without_command=True, subcommand_metavar="[NAME] [STUDY] [--PARAM VALUE …]"
)
@click.option(QUERIES, metavar="DIR", multiple=True, help="A folder of your own questions; also MRI_QUERIES.")
@format_option
@reading_options
@click.pass_context
def command(ctx: click.Context, /, queries: tuple[str, ...], **given: Any) -> None:
    """Ask a structural question of a study; without NAME, list the questions.

    `mri query NAME --help` tells a question's parameters and what it returns.
    """
    if ctx.invoked_subcommand is not None:  # options before the name are the question's, unless it has them too
        ctx.default_map = {ctx.invoked_subcommand: given}
    elif given["format"] == "json":
        print_json(ctx.obj.catalogue())
    else:
        click.echo(fitted(_listing(ctx.obj)))


def _folders(args: list[str]) -> tuple[list[str], list[str]]:
    folders, rest, words = [], [], iter(args)
    for word in words:
        if word.startswith(f"{QUERIES}="):
            folders.append(word.removeprefix(f"{QUERIES}="))
        elif word == QUERIES:
            folders.append(next(words, ""))
            if not folders[-1]:
                raise UsageError(f"{QUERIES} names a folder", "Nothing follows it")
        else:
            rest.append(word)
    return folders, rest


def _listing(catalog: Catalog) -> str:
    parts = [
        f"{group}\n" + "\n".join(f"  {t.name} {_usage(t)}".rstrip() + f"\n      {t.question}" for t in templates)
        for group, templates in groupby(catalog, lambda template: template.group)
    ]
    return "\n\n".join([*parts, runnable("Ask one: mri query NAME STUDY …    Its help: mri query NAME --help")])


def _usage(template: Template) -> str:
    return " ".join(p.option if p.required else f"[{p.option}]" for p in template.parameters)


def _question(template: Template) -> click.Command:
    studies = [parameter.name for parameter in template.parameters if parameter.type == "study"]

    def ask(format: str, store: str | None, timeout: float, max_rows: int, **values: Any) -> None:
        _take_positional(values)
        with open_store(store, create=False) as opened:
            table = run(opened, template, values, timeout=timeout, max_rows=max_rows)
            of = opened.study(values["study"]) if studies == ["study"] and values["study"] is not None else None
            names = reader_names(of, Answers(opened)) if of is not None and format == "table" else {}
            print_table(table, format, of, names=names, why_empty=lambda: why_empty(opened, template, values))
            print_sample_line(of_sample_in(opened, template, values))
            if is_limited(opened, template, values, table, timeout=timeout):
                tell_cut(len(table.rows), f"--{LIMIT}")

    question = click.command(template.name, help=_help(template))(reading_options(format_option(ask)))
    question.params[:0] = [_option(parameter) for parameter in template.parameters]
    if "study" in studies:
        question.params.append(click.Argument([POSITIONAL], metavar="[STUDY]", required=False))
    return question


def _take_positional(values: dict[str, Any]) -> None:
    """The study as other commands take it, in the place of `--study`."""
    named = values.pop(POSITIONAL, None)
    if named is None:
        return
    if values["study"] not in (None, named):
        fact = f"{named!r} and --study {values['study']!r} are given"
        raise UsageError("A study is named once", fact, "Leave one out")
    values["study"] = named


def _option(parameter: Parameter) -> click.Option:
    default = "" if parameter.default is None else f" [{parameter.default}]"
    required = " [required]" if parameter.required else ""
    return click.Option(
        [parameter.option, parameter.name],
        metavar=parameter.form,
        help=f"{parameter.meaning}{default}{required}",
    )


def _help(template: Template) -> str:
    width = max(len(column.name) for column in template.returns)
    returned = "\n".join(f"  {column.name:<{width}}  {column.meaning}" for column in template.returns)
    notes = "\n\n".join(filter(None, (template.notes, template.scope, _of_tokens(template, returned))))
    return f"{template.question}\n\n\b\nReturns:\n{returned}\n\n{notes}"


def _of_tokens(template: Template, returned: str) -> str:
    """What is meant by documents where a study counts tokens; "" where they do not come up."""
    if template.only is not None or "document" not in f"{template.question} {returned}":
        return ""
    return OF_TOKENS
