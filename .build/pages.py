"""The page itself, PyScript, and the licences."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import archives
import basics
from basics import BuildError, Pin

# What the site takes of PyScript. Its names end in a hash; it imports all the chunks at
# once, and its editor when a page opens one.
CHUNKS = """
core deprecations-manager donkey error py-editor py-game py-terminal pyodide_graph
""".split()
EDITOR = """
codemirror codemirror_commands codemirror_lang-python codemirror_language
codemirror_state codemirror_view index
""".split()
WORKER = "sw.js"  # its folder is what it may serve
# What the page runs: with all that these import, a browser refuses it when altered.
# They are asked for in this order; Python's start does not wait for the page.
ENTRIES = ("boot.mjs", "pyscript/core.js", "runtime/interpreter.mjs", "page.mjs")
IMPORT = re.compile(r"""\b(?:from|import) ?\(?"(\.{1,2}/[^"]+)\"""")
FIELD = re.compile(r'(?<=<input )type="(text|number)"')
LIST = re.compile(r"<select(?=[^>]* disabled)(?! id=\"share-at)")
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)">\n')
CHANGES = """\
Of what follows, these files are not as their authors publish them: Python's standard
library and numpy are compiled to bytecode, numpy is without its tests, type stubs and
C headers and loads numpy.random by parts, with an __init__ of ours, and the scripts of
PyScript are without the references to source maps.\
"""


def write_pyscript(pyscript: Path, package: dict[str, bytes]) -> None:
    """The files of PyScript that are listed above, without their source maps."""
    pyscript.mkdir()
    for member, data in package.items():
        folder, _, name = member.rpartition("/")
        if folder == "package/dist" and without_hash(name) in CHUNKS + EDITOR:
            data = re.sub(rb"\n//# sourceMappingURL=.*", b"", data)
            (pyscript / name).write_bytes(data)


def without_hash(name: str) -> str:
    """error-D2315lOB.js -> error; "" for what is not a script."""
    return re.sub(r"(-[\w-]{8})?\.js$", "", name) if name.endswith(".js") else ""


def write_page(inside: Path) -> None:
    """What is in site/, but for index.html and what stays outside of the folder."""
    for path in archives.files_under("site"):
        name = path.relative_to(basics.ROOT / "site").as_posix()
        if name == "interpreter.mjs":  # PyScript looks for pyodide.mjs beside it
            name = "runtime/interpreter.mjs"
        if path.suffix != ".html" and name != WORKER:  # .html: what index.html includes
            (inside / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inside / name)


def write_root(new: Path, html: str, fetched: dict[Pin, Path]) -> None:
    """What keeps its name from build to build."""
    (new / "index.html").write_text(html, "utf-8")
    shutil.copyfile(basics.ROOT / "site" / WORKER, new / WORKER)
    shutil.copyfile(basics.ROOT / "LICENSE", new / "LICENSE.txt")
    (new / "third-party.txt").write_text(licences(fetched), "utf-8")
    (new / ".nojekyll").touch()


def licences(fetched: dict[Pin, Path]) -> str:
    """What the site carries of others, with the licence texts in their packages."""
    parts = [CHANGES]
    for pin, archive in fetched.items():
        parts.append(f"{pin.name} {pin.version}\n{pin.licence}\n{pin.source}")
        for member, data in archives.unpack(archive).items():
            is_licence = re.search(r"(?i)licen[cs]e[^/]*(?<!\.py)$", member)
            if is_licence and "xterm" not in member:  # which the site leaves out
                parts.append(f"--- {member}\n\n{data.decode('utf-8').strip()}")
    return "\n\n".join(parts) + "\n"


def prerender(python: Path, inside: Path) -> str:
    """index.html, in which the package fills in first frames and facts."""
    command = ["-m", "fishformer.prerender", "site/index.html"]
    places = {
        "PYTHONPATH": str(basics.ROOT / "pysrc"),
        "FISHFORMER_MANIFEST": str(inside / "manifest.json"),
    }
    result = subprocess.run(
        [python, "-B", "-X", "utf8", *command],
        cwd=basics.ROOT,
        env={**os.environ, **places},
        capture_output=True,
    )
    if result.returncode:
        said = result.stderr.decode("utf-8", "replace").strip()
        again = f"PYTHONPATH=pysrc {os.path.relpath(python)} {' '.join(command)}"
        raise BuildError(
            f"site/index.html cannot be filled in: {said.rpartition(chr(10))[2]} "
            f"(all of it: {again})"
        )
    return result.stdout.decode("utf-8")


def join_styles(html: str, inside: Path) -> str:
    """All the style sheets of the page as one, the first: each costs a round trip."""
    names = STYLES.findall(html)
    texts = [(inside / name).read_text("utf-8") for name in names]
    for name in names[1:]:
        (inside / name).unlink()
    for name in names[:1]:
        (inside / name).write_text("\n".join(texts), "utf-8")
    return STYLES.sub(lambda link: link[0] if link[1] == names[0] else "", html)


def modules_of(entries: tuple[str, ...], inside: Path) -> list[str]:
    """The entries that are there and every module that they import, each once.

    What PyScript could import and the site does not carry is left out.
    """
    found = [name for name in entries if (inside / name).is_file()]
    for name in found:
        folder = os.path.dirname(name)
        imported = IMPORT.findall((inside / name).read_text("utf-8"))
        paths = (os.path.normpath(os.path.join(folder, path)) for path in imported)
        new = [path for path in dict.fromkeys(paths) if path not in found]
        found += [path for path in new if (inside / path).is_file()]
    return found


def veil(html: str) -> str:
    """The page whose text fields and lists, but for E01's, are buttons at first.

    Chromium's autofill looks for such fields as soon as a page has been read, and lays
    out what is around each. fields.mjs makes them what they are.
    """
    near, mark, far = html.partition('id="reading"')
    far = FIELD.sub(r'type="button" data-late="\1"', far)
    return near + mark + LIST.sub('<select data-late="list" multiple size="1"', far)


def seal(html: str, inside: Path) -> str:
    """The page with the hash of each script, module and style sheet that it names.

    Modules that it does not name get theirs by a modulepreload, those of the editor by
    one that lies in a template until editor.mjs takes it out.
    """
    named = r'<(?:script\b[^>]* src|link rel="(?:stylesheet|preload)" href)="([^"]+)"'
    have = re.findall(named, html)
    links: list[str] = []
    late: list[str] = []
    for name in modules_of(ENTRIES, inside):
        code = integrity(inside / name)
        link = f'<link rel="modulepreload" href="{name}" integrity="{code}">'
        of_editor = without_hash(name.rpartition("/")[2]) in EDITOR
        if name not in have:
            (late if of_editor else links).append(link)
    links.append(f'<template id="late">{"".join(late)}</template>')
    html = re.sub(
        named, lambda tag: f'{tag[0]} integrity="{integrity(inside / tag[1])}"', html
    )
    return html.replace("</head>", "\n".join([*links, "</head>"]), 1)


def integrity(path: Path) -> str:
    """A file's hash as a browser's integrity attribute has it."""
    code = base64.b64encode(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256-{code.decode()}"


def point_into(html: str, inside: Path, name: str) -> str:
    """index.html with the addresses of the build's files led into its folder."""

    def led(found: re.Match) -> str:
        attribute, address = found.groups()
        is_file = (inside / address).is_file()
        return f'{attribute}="{name}/{address}"' if is_file else found[0]

    return re.sub(r'\b(src|href)="([\w./-]+)"', led, html)
