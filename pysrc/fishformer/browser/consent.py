"""The part "consent": what a link or a file brings of sentences or code is shown first.

Until the visitor says yes nothing of it runs and nothing of it is kept.
Out: ask, refused, done. In: yes, no.
"""

from collections.abc import Callable, Mapping
from typing import Any

CAN = (
    "Once you run it, this code computes in this page’s worker. It reaches no other "
    "server, nothing that this browser keeps, and not the page around it. It can be "
    "slow, and it can be wrong: what the exhibits then show, it has computed. Its run "
    "is kept in this browser like all others; to open another run, or to delete it, "
    "ends it."
)
WHOSE = (
    "Whoever made it wrote them. Look at them first: nothing of it has run, and "
    "nothing of it is kept. Meanwhile the page trains without it."
)


def nothing() -> None:
    """What a no does by itself."""


class Consent:
    """One question at a time; a later one takes the place of that before."""

    def __init__(self, show: Any):
        self.show = show
        self.answers: dict[str, Callable[[], None]] = {}  # to the question that is open

    def handle(self, name: str, _: Any) -> None:
        """The visitor's answer."""
        answer, self.answers = self.answers.get(name), {}
        if answer is None:
            return
        try:
            answer()
        except ValueError as error:
            self.show.tell("consent", "refused", str(error))
        else:
            if name == "yes":
                self.show.tell("consent", "done")

    def ask(
        self,
        what: str,
        link: Any,
        *,
        place: str,
        yes: Callable[[], None],
        no: Callable[[], None] = nothing,
    ) -> None:
        """Show what a links.Link brings, and do `yes` or `no`. `what` begins its title,
        and `place` is the exhibit where the visitor handed it in, if one."""
        text, edits = link.text, link.edits
        diff = self.show.part("workshop").source.diff(dict(edits)) if edits else []
        count = {kind: sum(c.kind == kind for c in diff) for kind in ("in", "out")}
        files = sorted(edits)
        parts, lists = [], []  # a list: its name, its words, its lines with their kinds
        if text is not None:
            parts.append("sentences")
            lists.append(["The sentences", count_lines(text), [["", text]]])
        if edits:
            parts.append(f"changes to the Python in {listed(files)}")
            moves = f"lines in, {count['in']:,}; out, {count['out']:,}"
            lines = [[kind, f"{line}\n"] for kind, line in diff]
            words = f"{', '.join(files)}: {moves}"
            lists.append(["The changes to the Python", words, lines])
        self.answers = {"yes": yes, "no": no}
        self.show.tell(
            "consent",
            "ask",
            {
                "title": f"{what} brings {listed(parts) or 'a run'}",
                "place": place,
                "paragraphs": [
                    WHOSE if parts else "It has settings and a step.",
                    f"The run: {settings_in_words(link.settings, link.step)}.",
                    CAN if edits else "",
                ],
                "lists": lists,
                "asks": True,
            },
        )


def settings_in_words(settings: Mapping[str, str], step: int | None) -> str:
    """layers 1, seed 5, step 20."""
    said = ", ".join(f"{k} {v}" for k, v in settings.items()) or "the usual settings"
    return said if step is None else f"{said}, step {step:,}"


def count_lines(text: str) -> str:
    """24 lines of sentences."""
    count = sum(bool(line.strip()) for line in text.splitlines())
    return f"{count:,} lines of sentences"


def listed(parts: list[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
