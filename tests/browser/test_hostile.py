"""Text from links, files, fields and errors is text, wherever it comes to stand."""

import json
from pathlib import Path
from urllib.parse import urlencode

from fishpage import FishPage

from fishformer.config import Config
from fishformer.links import FILE, PLACE, Link, to_file, write

SITE = Path(__file__).parents[2] / "site"
OPTIM = (Path(__file__).parents[2] / "pysrc/fishformer/optim.py").read_text()
# As HTML it would make an element of this class, and run a script.
HOSTILE = '"><img src=x onerror="globalThis.hit=1"><b class=hit>NAME</b>'
HITS = """globalThis.hit || [...document.querySelectorAll(".hit, img[src=x]")]
  .map((one) => one.textContent).join()"""
# What a visitor can type into: all of it, whatever will be added.
FIELDS = """[...document.querySelectorAll("input, textarea, [contenteditable]")]
  .filter((one) => !["checkbox", "radio", "range", "file"].includes(one.type))
  .filter((one) => !one.readOnly)
  .map((one, n) => one.id || (one.id = one.dataset.do || `field-${n}`))"""
TYPE = """([id, text]) => {
  const field = document.getElementById(id);
  field.value = text;
  for (const kind of ["input", "change"]) {
    field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  if (field.form?.checkValidity()) field.form.requestSubmit();
  return field.value === text;
}"""


def hostile(name: str) -> str:
    return HOSTILE.replace("NAME", name)


def nothing_hit(page: FishPage, what: str) -> None:
    """Once Python has answered what came before."""
    page.tell()
    hit = page.tab.evaluate(HITS)
    assert not hit, f"{what}: {hit}"


def shown(page: FishPage, what: str) -> None:
    """It came to be seen, as text."""
    seen = "document.body.innerText"
    page.wait(what, lambda: f"<b class=hit>{what}<" in page.tab.evaluate(seen))
    nothing_hit(page, what)


def test_the_page_never_makes_html_of_text():
    """Nor could a new part of it."""
    makers = (
        "innerHTML outerHTML insertAdjacentHTML document.write DOMParser srcdoc "
        "createContextualFragment setHTML parseHTML eval( Function("
    ).split()
    for path in SITE.glob("*.*js"):
        text = path.read_text("utf-8").replace(".addFunction(", "")  # to WebAssembly
        assert not [maker for maker in makers if maker in text], path.name


def test_what_comes_from_outside_is_text_wherever_it_stands(page: FishPage):
    # A link: in every setting and place, and as code that stops with an error.
    keys = [*Config().described(), "unknown"]
    code = OPTIM + f"\nraise ValueError({hostile('error')!r})\n"
    link = write(Link({}, 2, None, {"optim.py": code}), {"optim.py": OPTIM})
    page.boot(f"#{link}&{urlencode({key: hostile(key) for key in keys})}")
    page.wait_state("paused")
    shown(page, "seed")
    shown(page, "error")
    page.tab.locator("#brought-yes").click()
    page.wait("the refusal", page.tab.locator("#brought-yes").is_hidden)
    shown(page, "error")

    for key in (*PLACE, "step", "w"):
        value = urlencode({key: hostile(key)})
        page.tell({"kind": "part", "part": "share", "name": "open", "value": value})
        nothing_hit(page, key)

    # What is typed, in all fields that there are.
    page.scroll_through()
    fields = page.tab.evaluate(FIELDS)
    assert len(fields) > 25 and "corpus-text" in fields
    taken = [page.tab.evaluate(TYPE, [field, hostile(field)]) for field in fields]
    assert sum(taken) > 10  # all but those for numbers
    page.tab.wait_for_timeout(500)  # it is told when the typing rests
    nothing_hit(page, "fields")

    # Files of several kinds, in all places that take one.
    lines = "\n".join(f"{hostile('sentence')} {n} fish swims" for n in range(9))
    whole = Link({}, None, lines, {"optim.py": OPTIM + f"\n# {hostile('code')}\n"})
    contents = (
        hostile("content"),
        "\0\1",
        json.dumps({"format": FILE, hostile("key"): hostile("value")}),
        to_file(whole, {"optim.py": OPTIM}),
    )
    inputs = page.tab.locator("input[type=file]")
    assert inputs.count() >= 3
    for place in inputs.all():
        for n, data in enumerate(contents):
            name = f"{hostile(f'file {n}')}.json".replace("/", "")
            file = {"name": name, "mimeType": "", "buffer": data.encode()}
            place.set_input_files(file)
            page.tell()
    shown(page, "code")
    nothing_hit(page, "files")

    # What the page says when something fails.
    trouble = {key: hostile(key) for key in ("title", "what", "kept", "detail")}
    told = {**trouble, "waiting": True, "button": hostile("button")}
    page.tab.evaluate(
        "(detail) => dispatchEvent(new CustomEvent('trouble', { detail }))", told
    )
    page.tab.locator("#failure summary").click()
    for what in trouble:
        shown(page, what)
