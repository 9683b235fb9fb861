"""Code that comes with a link: what of it is refused before anybody is asked.

This keeps out what an edit to a model never needs. It is no wall: Python has more
ways round than can be listed. The wall is site/fence.mjs.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

# What a link may import besides what the file that it edits imports already.
IMPORTS = frozenset(
    "numpy fishformer math cmath random itertools functools collections dataclasses "
    "typing enum abc operator statistics fractions __future__".split()
)
NAMES = frozenset(
    "__import__ __builtins__ __loader__ __spec__ eval exec compile open input "
    "breakpoint globals vars".split()
)
DUNDERS = frozenset("__init__ __post_init__ __name__ __doc__ __len__".split())
MAX_LINES = 3_000
MAX_TOKENS = 150  # of a statement: Pyodide ends where a syntax tree is too deep
MAX_DEPTH = 20  # of indentation
MAX_ELIFS = 30
PAGE = "fishformer.browser."
# They make a text look other than it is: control characters, and those that turn the
# direction of writing or have no width.
UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


class GuestError(ValueError):
    """Code that a link may not bring; the message says which line and why."""


def check(file: str, text: str, original: str) -> None:
    """Raises GuestError for code that an edit to this file does not need."""
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise GuestError(f"{file} has {len(lines):,} lines; {MAX_LINES:,} are allowed.")
    for number, line in enumerate(lines, start=1):
        unseen = UNSEEN.search(line)
        if unseen and unseen[0] not in original:
            raise GuestError(
                f"{file}, line {number}: it has a character that cannot be seen, "
                f"U+{ord(unseen[0]):04X}."
            )
    try:
        if _hard_to_read(text) - _hard_to_read(original):
            raise GuestError(
                f"{file} has a statement that is too long or nested too deep."
            )
        reached = list(_reaches(ast.parse(text)))
    except SyntaxError as error:
        raise GuestError(f"{file}, line {error.lineno}: {error.msg}.") from None
    except tokenize.TokenError as error:
        words, (line_number, _) = error.args
        raise GuestError(f"{file}, line {line_number}: {words}.") from None
    except (RecursionError, MemoryError):
        raise GuestError(f"{file} cannot be read as Python.") from None
    known = {what for what, _ in _reaches(ast.parse(original))}
    for what, line_number in reached:
        if what not in known:
            raise GuestError(
                f"{file}, line {line_number}: it uses {what[:60]}. What a link brings "
                "may compute, with numpy and the modules of the model."
            )


def _hard_to_read(text: str) -> set[tuple[str, ...]]:
    """The statements of which a syntax tree could be too deep for Pyodide."""
    hard = set()
    depth, deepest, words = 0, 0, []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        deepest = max(deepest, depth)
        words.append(token.string)
        if token.type == tokenize.NEWLINE:
            if len(words) > MAX_TOKENS:
                hard.add(tuple(words))
            words = []
    if deepest > MAX_DEPTH:
        hard.add(("indented",))
    if text.count("elif") > MAX_ELIFS:
        hard.add(("elif",))
    return hard


def _reaches(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What code reaches for beyond what everybody may use, and in which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = f"{node.module}." if node.module else "fishformer."
            names = [f"{start}{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id, node.lineno
            continue
        elif isinstance(node, ast.Attribute) and _is_dunder(node.attr):
            yield node.attr, node.lineno
            continue
        else:
            continue
        for name in names:
            if name.split(".")[0] not in IMPORTS or f"{name}.".startswith(PAGE):
                yield name, node.lineno


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in DUNDERS
