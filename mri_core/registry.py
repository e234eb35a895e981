"""Named parts that an installed package can add to by an entry point, such as kinds of atlases or sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from mri_core.errors import MriError, unknown_name

Part = TypeVar("Part")


class Registry(Mapping[str, Part], Generic[Part]):
    """Our own parts by name, and after them those that installed packages declare.

    A package declares one in its `pyproject.toml` as `[project.entry-points."llm_mri.GROUP"]` with `name =
    "module:object"`; it is imported when it is looked up by its name. Listing names imports nothing.

    Args:
        what: what a part is called in errors.
        group: of the entry points, without `llm_mri.`.
        own: our parts by name.
        form: the class that every part is an instance of; None for any object.
    """

    def __init__(self, what: str, group: str, own: Mapping[str, Part], form: type | None = None) -> None:
        self._what, self._group, self._own, self._form = what, f"llm_mri.{group}", dict(own), form

    @property
    def own(self) -> Mapping[str, Part]:
        """Our own parts: nothing is imported for them."""
        return self._own

    @cached_property
    def _declared(self) -> dict[str, list[EntryPoint]]:
        """The parts of other packages, one a name unless two packages give the same; they cannot override our names."""
        declared: dict[str, list[EntryPoint]] = {}
        for point in sorted(entry_points(group=self._group), key=str):
            if point.name not in self._own:
                declared.setdefault(point.name, []).append(point)
        return declared

    def package_of(self, name: str) -> dict[str, str]:
        """`{what: "package version"}` of a part of another package, on which its results depend; {} of our own."""
        point = None if name in self._own else self._declared[name][0]
        return {self._what: f"{point.dist.name} {point.dist.version}"} if point and point.dist else {}

    def __getitem__(self, name: str) -> Part:
        """The part of that name.

        Raises:
            KeyError: there is none, as for any mapping; `named` raises a `UsageError`.
            MriError: the package that declares it cannot be imported, or declares something else; or two declare it.
        """
        if name in self._own:
            return self._own[name]
        point, *others = self._declared[name]
        if others:
            raise self._unusable(point, f"and {_package(others[0])} have the same name for theirs")
        try:
            part: Part = point.load()
        except Exception as error:
            fact = f"does not import: {type(error).__name__}: {error}"
            raise self._unusable(point, fact) from error
        if self._form is not None and not isinstance(part, self._form):
            raise self._unusable(point, f"is no instance of {self._form.__name__}")
        return part

    def _unusable(self, point: EntryPoint, fact: str) -> MriError:
        rule = f"The {self._what} {point.name!r} comes from another package"
        return MriError(rule, f"{point.value} of {_package(point)} {fact}", "Fix or uninstall it")

    def named(self, name: str) -> Part:
        """As `[name]`, but a `UsageError` with near names if there is none."""
        if name not in self:
            raise unknown_name(self._what, name, list(self))
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter([*self._own, *self._declared])

    def __len__(self) -> int:
        return len(self._own) + len(self._declared)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "another package"
