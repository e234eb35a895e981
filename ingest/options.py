"""Options as they are defined once, for the command line, the page and the reference to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from mri_core.registry import Registry

Group = Literal["study", "corpus", "model", "atlas", "statistics"]
Kind = Literal["switch", "choice", "integer", "number", "repeated", "list", "text"]
KEY = "about"  # of a field's metadata


@dataclass(frozen=True, kw_only=True)
class About:
    """How an option is described.

    Attributes:
        label: its term, as a form shows it.
        help: what it does, in one sentence; an imperative for a switch.
        group: the group that it belongs to.
        unset: what happens if it is not given.
        metavar: its value's placeholder on the command line.
        unit: of a number.
        least, most: of a number.
        word: on the command line, the word for None.
        variable: an environment variable that is used if it is not given.
        parts: named parts that it chooses from; other packages may add some.
        stored: whether a study's parameters hold it; needed only if it affects the result.
    """

    label: str
    help: str
    group: Group
    unset: str = ""
    metavar: str = ""
    unit: str = ""
    least: int | None = None
    most: int | None = None
    word: str = ""
    variable: str = ""
    parts: Registry[Any] | None = None
    stored: bool = True


@dataclass(frozen=True, kw_only=True)
class Option(About):
    """A field of a dataclass with its description.

    Attributes:
        name: of the field.
        default: of the field; `dataclasses.MISSING` where it must be given.
        type: of the field.
    """

    name: str
    default: Any
    type: Any

    @property
    def flag(self) -> str:
        """On the command line: a switch that is on unless switched off has `--no-…`."""
        return f"--{'no-' if self.default is True else ''}{self.name.replace('_', '-')}"

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed values; empty if they are not enumerable."""
        if self.parts is not None:
            return tuple(self.parts)
        return next((get_args(member) for member in self._members if get_origin(member) is Literal), ())

    @property
    def kind(self) -> Kind:
        """How its value is given."""
        members = self._members
        if bool in members:
            return "switch"
        if self.choices:
            return "choice"
        if int in members:
            return "integer"
        if float in members:
            return "number"
        if tuple[str, ...] in members:
            return "repeated" if str in members else "list"
        return "text"

    @property
    def _members(self) -> tuple[Any, ...]:
        """Members of its type, if that is a union."""
        return (self.type,) if get_origin(self.type) is Literal else get_args(self.type) or (self.type,)


def about(label: str, help: str, group: Group, **more: Any) -> Mapping[str, About]:
    """The metadata of a field that is an option; `more` are the other attributes of `About`."""
    return {KEY: About(label=label, help=help, group=group, **more)}


def described(default: Any, label: str, help: str, group: Group, **more: Any) -> Any:
    """A field of a dataclass that is an option with a default; see `about`."""
    return field(default=default, metadata=about(label, help, group, **more))


def options_of(record: type) -> dict[str, Option]:
    """The options of a dataclass by name, in the order of its fields; a field without a description is none."""
    types = get_type_hints(record)
    return {
        own.name: Option(name=own.name, default=own.default, type=types[own.name], **vars(own.metadata[KEY]))
        for own in fields(record)
        if KEY in own.metadata
    }
