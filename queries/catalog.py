"""The questions there are: the project's own, and those of the user's folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mri_core.errors import QueryError, UsageError, unknown_name
from mri_core.paths import user_path
from queries.template import GROUPS, Template, parse_template

OWN = Path(__file__).with_name("cypher")
Place = str | os.PathLike[str]
ENVIRONMENT = "MRI_QUERIES"  # folders of the user's, parted as in PATH


@dataclass(frozen=True)
class Catalog:
    """Templates in the order in which they are listed: by group, then by name."""

    templates: tuple[Template, ...]

    def __iter__(self) -> Iterator[Template]:
        return iter(self.templates)

    def __len__(self) -> int:
        return len(self.templates)

    def get(self, name: str) -> Template:
        """The question of that name.

        Raises:
            UsageError: there is none; near names are told.
        """
        for template in self.templates:
            if template.name == name:
                return template
        names = [template.name for template in self.templates]
        raise unknown_name("question", name, names, "See the list with: mri query")

    def catalogue(self) -> list[dict[str, Any]]:
        """What a listing tells of every question: name, title, question, group and parameters."""
        return [
            {
                "name": template.name,
                "title": template.title,
                "question": template.question,
                "group": template.group,
                "parameters": [
                    {
                        "name": parameter.name,
                        "type": parameter.type,
                        "required": parameter.required,
                        "default": parameter.default,
                    }
                    for parameter in template.parameters
                ],
            }
            for template in self.templates
        ]


def load_catalog(folders: Sequence[Path | str] = (), *, environment: Mapping[str, str] = os.environ) -> Catalog:
    """The project's questions with those of `folders` and of the folders that `MRI_QUERIES` names.

    Raises:
        UsageError: a folder is not there or holds no question.
        QueryError: a file is not a good template, or two have the same name.
    """
    named = [part for part in environment.get(ENVIRONMENT, "").split(os.pathsep) if part]
    templates: dict[str, Template] = {}
    for folder in _distinct([OWN, *map(user_path, [*folders, *named])]):
        for path in _files(folder):
            template = parse_template(path)
            if template.name in templates:
                raise QueryError(
                    "A name belongs to one question",
                    f"{template.name!r} is both {templates[template.name].path} and {path}",
                    "Rename the file",
                )
            templates[template.name] = template
    return Catalog(tuple(sorted(templates.values(), key=lambda t: (GROUPS.index(t.group), t.name))))


def find_question(name: str, folders: Place | Sequence[Place] = ()) -> Template:
    """A question as it is asked in Python, where `compare_categories` is `compare-categories`.

    Args:
        name: of the question.
        folders: one of the user's, or several, beside those that `MRI_QUERIES` names.

    Raises:
        MriError: as `load_catalog` and `Catalog.get`.
    """
    several = [folders] if isinstance(folders, str | os.PathLike) else folders
    return load_catalog([Path(folder) for folder in several]).get(name.replace("_", "-"))


def own_catalog() -> Catalog:
    """The project's questions alone, for what is built on them: a broken one of the user's must not stop it."""
    return load_catalog(environment={})


def _distinct(folders: list[Path]) -> list[Path]:
    """A folder that is named twice is read once."""
    return list({folder.resolve(): folder for folder in reversed(folders)}.values())[::-1]


def _files(folder: Path) -> list[Path]:
    rule = "A folder of questions holds .cypher files"
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".cypher")
    except OSError as error:
        raise UsageError(rule, f"{folder}: {error.strerror}", f"See --queries and {ENVIRONMENT}") from None
    if not paths:
        raise UsageError(rule, f"{folder} has none", f"See --queries and {ENVIRONMENT}")
    return paths
