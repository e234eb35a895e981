r"""Texts made readable: without HTML entities, line breaks that are written as `\n`, links and placeholders.

For excerpts and words only; a model reads the original text.
"""

from __future__ import annotations

import html
import re

ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
LAYERS = 2  # of entities within entities, as in `&amp;quot;`
LOST_MARK = {"#39;": "'", "#36;": "$"}  # entities without their `&`, as in AG News
LOST = re.compile(r"(?<!&) ?#39;|(?<!&)#36;")
HALF = re.compile(r"(?<![&\w])(?:amp|quot|apos|lt|gt|nbsp);|&(?:amp|quot|apos|lt|gt|nbsp)(?![\w;=])")  # `amp;`, `&amp`
LINK = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s<>\"')\]]+", re.IGNORECASE)
LEFT_OUT = "…"  # in the place of a link
# Placeholders of names in corpora of posts, and the mark of a forwarded post.
PLACEHOLDER = re.compile(r"\bRT(?=:? ?@)(?:: ?)?|(?<![\w@])@user\b:?|<br ?/?>", re.IGNORECASE)
# Not a path (`C:\new`), nor a command of LaTeX that begins with n, r or t.
BREAK = re.compile(
    r"(?<![\\:])\\(?:r\\n|[nrt])"
    r"(?!(?<=n)(?:abla|atural|e|eg|eq|ewline|i|ot|otin|u|ewcommand|oindent)\b"
    r"|(?<=r)(?:angle|ceil|ef|floor|ho|ight\w*|m)\b"
    r"|(?<=t)(?:an|anh|au|ext\w*|heta|ilde|imes|o|op|riangle\w*)\b)"
)
PATH = re.compile(r"\b[A-Za-z]:\\|\\\\\w")


def readable(text: str) -> str:
    """The text as returned by `decoded`, without the markup of posts and pages.

    Names of entities that lost their `&` or their `;` are decoded too. An ellipsis replaces a link; `@user`, which
    corpora use in place of names, `RT` before a name, and `<br>` are left out. A text of nothing else stays.
    """
    own = decoded(text)
    if ";" in own or "&" in own:
        own = HALF.sub(lambda match: html.unescape(f"&{match.group().strip('&;')};"), own)
    if "://" in own or "www." in own.lower():
        own = LINK.sub(LEFT_OUT, own)
    if "@" in own or "<" in own:
        own = PLACEHOLDER.sub(" ", own)
    return own if own.strip() else decoded(text)


def decoded(text: str) -> str:
    r"""The text with HTML entities decoded, also numbers that lost their `&`, and with a space for each literal `\n`.

    Also for `\r` and `\t`. What looks like a path of Windows, or like LaTeX (`\nu`, `\text`), stays as it is.
    """
    if "&" in text and ";" in text:
        for _ in range(LAYERS):
            text = ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "#3" in text:
        text = LOST.sub(lambda match: LOST_MARK[match.group().strip()], text)
    if "\\" in text and not PATH.search(text):
        text = BREAK.sub(" ", text)
    return text
