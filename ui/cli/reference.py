"""The tables of options in the command line's reference page: `python -m ui.cli.reference` writes them."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import click

from ui.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
COMMAND = "python -m ui.cli.reference"
WRITTEN = (  # commands whose table is made; those of groups, of `plot` and of `ui` are written by hand
    "demo",
    "ingest",
    "studies",
    "show",
    "name",
    "compare",
    "confirm",
    "match",
    "intervene",
    "explain",
    "power",
    "metrics",
    "probe",
    "multiverse",
    "export",
    "import",
    "report",
    "delete",
    "cypher",
    "doctor",
)
SECTION = r"(^## `mri {name}\b.*?^\|---\|---\|\n)(?:\|[^\n]*\n)*"  # down to its table, and the table's rows


def page(text: str) -> str:
    """The page with the tables as the commands' options are now."""
    for name in WRITTEN:
        rows = option_rows(command_of(name))
        section = re.compile(SECTION.format(name=name), flags=re.MULTILINE | re.DOTALL)
        text = section.sub(partial(_with_rows, rows), text, count=1)
    return text


def _with_rows(rows: str, section: re.Match[str]) -> str:
    return section[1] + rows


def command_of(name: str) -> click.Command:
    """A command of `mri`; raises `UsageError` where there is none."""
    return cli.get_command(click.Context(cli), name)


def option_rows(command: click.Command) -> str:
    """A row of Markdown for each option of a command."""
    context = click.Context(command)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return "".join(f"| `{_usage(option, context)}` | {_meaning(option, context)} |\n" for option in options)


def _usage(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context).strip('[]')}"
    return f"{'`, `'.join(option.opts)}{value}".replace("|", "\\|").removesuffix(" RANGE")


def _meaning(option: click.Option, context: click.Context) -> str:
    shown = option.get_help_extra(context)
    text = option.help or ""
    if "envvars" in shown:
        text += f" Environment variable: {shown['envvars'][0]}."
    if "required" in shown:
        text += " Required."
    if "default" in shown:
        default = shown["default"]
        text += f" Default: {default[1:-1] if default.startswith('(') else f'`{default}`'}."
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
