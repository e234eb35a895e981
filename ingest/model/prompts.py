"""A prompt around each text: a template of the user's, or the tokenizer's own chat template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mri_core.errors import ModelError, UsageError

PLACE = "{text}"
PLAIN_MESSAGE = "Lorem"
AWKWARD_MESSAGE = "a\"b'\n<c> & {d}\\e"  # a template that escapes or rewrites changes it
TRIMS: tuple[Callable[[str], str], ...] = (str, str.strip, str.lstrip, str.rstrip)
REMEDY = "Use --template 'Classify: {text}'"
DAY = datetime(2025, 1, 1)  # for templates that contain the date: a study is the same tomorrow
DATE_CODES = ("d", "m", "b", "B", "y", "Y", "a", "A", "H", "M", "S")


@dataclass(frozen=True)
class Prompt:
    """The characters before and after each text.

    Attributes:
        before, after: the characters around it.
        special: the tokenizer adds its special tokens around the whole; a chat template brings its own.
        trim: what is done to the white space around the text.
    """

    before: str
    after: str
    special: bool = True
    trim: Callable[[str], str] = str

    def around(self, text: str) -> tuple[str, int, int]:
        """The whole string, and the text's first character in it and the one behind its last."""
        text = self.trim(text)
        return f"{self.before}{text}{self.after}", len(self.before), len(self.before) + len(text)


def parse_template(template: str) -> Prompt:
    """Parses a template, which holds `{text}` once; other braces have no meaning.

    Raises:
        UsageError: it holds none, or several.
    """
    if template.count(PLACE) != 1:
        fact = f"{template!r} has {template.count(PLACE) or 'none'}"
        raise UsageError(f"A template has one {PLACE}, where the text goes", fact, "For example: 'Classify: {text}'")
    before, after = template.split(PLACE)
    return Prompt(before, after)


def chat_prompt(tokenizer: Any) -> Prompt:
    """The text that a chat template puts around one user message, without a generation prompt.

    Raises:
        ModelError: the tokenizer has no chat template, or one that does more than frame the message.
    """
    if not getattr(tokenizer, "chat_template", None):
        raise ModelError("A chat needs the tokenizer's chat template", "This tokenizer has none", REMEDY)
    plain = _rendered(tokenizer, PLAIN_MESSAGE)
    before, found, after = plain.partition(PLAIN_MESSAGE)
    for trim in TRIMS:
        prompt = Prompt(before, after, special=False, trim=trim)
        messages = (PLAIN_MESSAGE, AWKWARD_MESSAGE, f" \n{PLAIN_MESSAGE} \n")
        if found and all(_rendered(tokenizer, message) == prompt.around(message)[0] for message in messages):
            return prompt
    raise _not_framing("This one changes it, or repeats it elsewhere")


def _rendered(tokenizer: Any, message: str) -> str:
    from jinja2 import TemplateError

    try:
        rendered: str = tokenizer.apply_chat_template(
            [{"role": "user", "content": message}],
            tokenize=False,
            add_generation_prompt=False,
            chat_template=_dated(tokenizer.get_chat_template()),
        )
    except (TemplateError, TypeError, ValueError, LookupError) as error:
        raise _not_framing(f"This one fails on it: {str(error)[:200]}") from error
    return rendered


def _dated(chat_template: str) -> str:
    """The template with `DAY` in place of today, by a macro: transformers accepts no function from a caller."""
    if "strftime_now" not in chat_template:
        return chat_template
    filters = "".join(f" | replace('%{code}', '{DAY.strftime('%' + code)}')" for code in DATE_CODES)
    return "{% macro strftime_now(format) %}{{ format" + filters + " }}{% endmacro +%}" + chat_template


def _not_framing(fact: str) -> ModelError:
    return ModelError(
        "A chat template is to frame one message of the user's", fact, "Use --template 'Classify: {text}'"
    )
