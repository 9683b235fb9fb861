"""The package's own source: which of it may be edited, its edits, and putting it back.

An edit is written where the package is installed, and all modules are imported
afresh: so tracebacks, inspect and whoever imports what all see the code that runs.
Modules of browser/ stay, for the page holds on to them; they must keep no class of
the others from one message to the next.
"""

import ast
import difflib
import importlib
import importlib.util
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

from fishformer.browser.watchdog import Stuck

PACKAGE = "fishformer"
ROOT = Path(__file__).parents[1]
CORE = """
attention layers block softmax stack model optim training params config tokenizer corpus
tasks sampling timeline
""".split()  # in the order in which one reads them
NOT_HERE = ("browser", "terminal", "prerender.py", "__main__.py", "__init__.py")
STAYS = (f"{PACKAGE}.browser",)
NO_STATE = f"{PACKAGE}.browser.painter"  # of browser/, but it holds classes of charts/
LONGEST = 200_000  # characters that an edited file may have

Edits = dict[str, str]  # the path of a module below the package -> its whole text
Result = TypeVar("Result")


class EditError(ValueError):
    """Why edited code does not run: the file and the line, where known, and words."""

    def __init__(self, words: str, file: str = "", line: int = 0, detail: str = ""):
        super().__init__(words)
        self.words, self.file, self.line, self.detail = words, file, line, detail


class Change(NamedTuple):
    """One line of a diff."""

    kind: str  # "file", "place", "out", "in" or "same"
    text: str


def editable(root: Path) -> list[str]:
    """The modules that run in the page, the model first."""
    found = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if path.relative_to(root).parts[0] not in NOT_HERE
        and path.name != "__init__.py"
    ]
    core = {f"{name}.py": place for place, name in enumerate(CORE)}
    return sorted(found, key=lambda path: (core.get(path, 99), "/" in path, path))


class Source:
    """The modules that a visitor may edit: as they were made, and as they are."""

    def __init__(self, root: Path = ROOT):
        self.root = root
        self.original = {path: (root / path).read_text() for path in editable(root)}
        self.edits: Edits = {}  # what runs now

    def changed(self, texts: Edits) -> Edits:
        """Those of the texts that are not as they were made.

        Raises EditError for a file that is none of ours, or is too long.
        """
        for path, text in texts.items():
            if path not in self.original:
                raise EditError(f"There is no {path} to edit.")
            if len(text) > LONGEST:
                raise EditError(
                    f"{path} has {len(text):,} characters; {LONGEST:,} are allowed.",
                    path,
                )
        return {p: t for p, t in texts.items() if t != self.original[p]}

    def swap(
        self,
        edits: Edits,
        trial: Callable[[], Result],
        guard: Callable[[], AbstractContextManager] = nullcontext,
    ) -> Result:
        """Run the original with these edits from now on, if `trial` succeeds.

        Returns what trial returns; all that is edited runs inside of guard(). On any
        error all is as before: raises EditError.
        """
        edits = self.changed(edits)
        for path, text in edits.items():
            self._compile(path, text)
        kept = {name: mod for name, mod in sys.modules.items() if _swapped(name)}
        before = self.edits
        try:
            self._write(edits)
            _forget(kept)
            with guard():
                for name in sorted({*kept, *map(_module, edits)}):
                    importlib.import_module(name)
                result = trial()
        except BaseException as error:
            failure = self.explain(error)  # now, while the edited lines can be read
            self._write(before)
            _forget([name for name in sys.modules if _swapped(name)])
            _restore(kept)
            raise failure from None
        return result

    def _compile(self, path: str, text: str) -> None:
        try:
            compile(text, str(self.root / path), "exec")
        except SyntaxError as error:
            line = error.lineno or 0
            words = f"Python cannot read {path}, line {line}: {error.msg}."
            there = text.splitlines()[line - 1 : line]
            raise EditError(words, path, line, "".join(there).strip()) from None
        except (ValueError, MemoryError, RecursionError) as error:
            raise EditError(f"Python cannot read {path}: {error}.", path) from None

    def _write(self, edits: Edits) -> None:
        """Make the files on the disk the original with these edits."""
        for path in {*self.edits, *edits}:
            file = self.root / path
            file.write_text(edits.get(path, self.original[path]))
            # Bytecode is not looked at twice: neither the wheel's nor what was made
            # of an edit within the same second.
            Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
        self.edits = edits
        importlib.invalidate_caches()
        linecache.checkcache()

    def explain(self, error: BaseException) -> EditError:
        """An error of edited code in plain words, at the line that can be changed."""
        if isinstance(error, EditError):
            return error
        file, line, code = self._place(error)
        where = f"{file}, line {line}: " if file else ""
        kind = type(error).__name__
        said = str(error).strip().rstrip(".") or "no reason given"
        words = {
            Stuck: "this ran for too long and was stopped. An endless loop?",
            RecursionError: "a function calls itself again and again.",
            ZeroDivisionError: "this divides by zero.",
            SystemExit: "this would end Python.",
            MemoryError: f"this needs more memory than there is ({said}).",
        }.get(type(error), f"{said} ({kind}).")
        detail = "".join(traceback.format_exception_only(error))
        return EditError(where + words, file, line, code or detail.strip())

    def _place(self, error: BaseException) -> tuple[str, int, str]:
        """Where in our code: the innermost edited line, or else the innermost."""
        if isinstance(error, SyntaxError) and error.filename:
            frames = [(error.filename, error.lineno or 0, (error.text or "").strip())]
        else:
            stack = traceback.extract_tb(error.__traceback__)
            frames = [(f.filename, f.lineno or 0, f.line or "") for f in stack]
        ours = [
            (Path(name).relative_to(self.root).as_posix(), line, code)
            for name, line, code in frames
            if Path(name).is_relative_to(self.root)
        ]
        ours = [frame for frame in ours if frame[0] in self.original]
        edited = [frame for frame in ours if frame[0] in self.edits]
        return (edited or ours or [("", 0, "")])[-1]

    def diff(self, texts: Edits) -> list[Change]:
        """What the texts change of the original, file after file."""
        return [
            change
            for path, text in sorted(self.changed(texts).items())
            for change in diff(path, self.original[path], text)
        ]

    def reset_function(self, path: str, text: str, line: int) -> tuple[str, str]:
        """The text with the function at a line as it was made, and its name.

        Raises EditError where that cannot be done.
        """
        found = function_at(text, line)
        if found is None:
            raise EditError(f"Line {line} of {path} is in no function.", path, line)
        name, first, last = found
        made = {n: (a, z) for n, a, z in functions(self.original[path])}
        if name not in made:
            raise EditError(f"{path} had no function {name} at first.", path, line)
        start, end = made[name]
        as_made = self.original[path].splitlines(keepends=True)[start - 1 : end]
        lines = text.splitlines(keepends=True)
        return "".join([*lines[: first - 1], *as_made, *lines[last:]]), name


def diff(path: str, before: str, after: str) -> list[Change]:
    """A unified diff with two lines around each change."""
    kinds = {"-": "out", "+": "in", "@": "place", " ": "same"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2)
    told = [Change("file", path)]
    for line in list(lines)[2:]:
        told.append(Change(kinds.get(line[:1], "same"), line.rstrip("\n")))
    return told


def functions(text: str) -> list[tuple[str, int, int]]:
    """Every function of a module: name, first and last line, outer ones first."""
    found = []

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                name = prefix + child.name
                if isinstance(child, ast.FunctionDef):
                    first = min(
                        [child.lineno, *(d.lineno for d in child.decorator_list)]
                    )
                    found.append((name, first, child.end_lineno or first))
                look(child, f"{name}.")

    look(ast.parse(text), "")
    return found


def function_at(text: str, line: int) -> tuple[str, int, int] | None:
    """The outermost function of a class or module in which a line stands, if any."""
    try:
        found = functions(text)
    except SyntaxError:
        return _function_around(text.splitlines(), line)
    return next((place for place in found if place[1] <= line <= place[2]), None)


def _function_around(lines: list[str], line: int) -> tuple[str, int, int] | None:
    """The same by indentation, for a text that Python cannot read."""
    starts = [re.match(r"( *)(?:def|class) (\w+)", text) for text in lines]
    for first in range(min(line, len(lines)), 0, -1):
        start = starts[first - 1]
        if start and "def " in start[0]:
            break
    else:
        return None
    last = first
    for n, text in enumerate(lines[first:], start=first + 1):
        body = text.lstrip()
        if body and len(text) - len(body) <= len(start[1]) and body[0] != ")":
            break
        last = n if body else last
    around = [s for s in starts[: first - 1] if s and len(s[1]) < len(start[1])]
    name = f"{around[-1][2]}.{start[2]}" if start[1] and around else start[2]
    return (name, first, last) if line <= last else None


def _module(path: str) -> str:
    return f"{PACKAGE}." + path.removesuffix(".py").replace("/", ".")


def _swapped(name: str) -> bool:
    """Whether a loaded module is one that an edit imports afresh."""
    if name == NO_STATE:
        return True
    mine = name.startswith(f"{PACKAGE}.")
    return mine and not any(name == s or name.startswith(f"{s}.") for s in STAYS)


def _forget(names: Iterable[str]) -> None:
    for name in list(names):
        sys.modules.pop(name, None)


def _restore(kept: dict[str, ModuleType]) -> None:
    """Put modules back, and their names into the packages that hold them."""
    sys.modules.update(kept)
    for name, module in kept.items():
        package, _, own = name.rpartition(".")
        setattr(sys.modules[package], own, module)
