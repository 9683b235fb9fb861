"""Links and their files: made from the live run; read, and run after a yes."""

import math
import re
from dataclasses import replace
from typing import Any

from fishformer.browser import module
from fishformer.browser.consent import count_lines, listed, settings_in_words

CURVE = 600  # points of the curve that can be heard
NO_SENTENCES = "the sentences (they are the fish: nothing to carry)"
NO_CODE = "changes to the Python (there are none)"
TOO_LONG = (
    ": longer than what mail and chats leave whole. Save it as a file instead, or "
    "leave something out."
)
HEAD = re.compile(r"[1-9]\.[1-9]|1[0-2]\.[1-9]")


class Share:
    """The part "share": open, file, form, save, curve."""

    def __init__(self, show: Any):
        self.show = show

    def tell(self, name: str, value: Any = None, data: bytes | None = None) -> None:
        """One message to the page."""
        self.show.tell("share", name, value, data)

    def handle(self, name: str, value: Any) -> None:
        """One message from the page."""
        try:
            getattr(self, f"on_{name}")(value)
        except ValueError as error:
            self.tell("refused", {"what": name, "words": str(error)})

    @property
    def originals(self) -> dict[str, str]:
        """The modules that may be edited, as they were made."""
        return self.show.part("workshop").source.original

    # ---- what is brought -------------------------------------------------------------

    def on_open(self, fragment: str) -> None:
        """The page was opened with a link. Its settings hold already."""
        has_more = re.search("(^|&)w=", fragment)
        link = module("links").read(fragment, self.originals if has_more else {})
        self._look_at(link.place)
        if link.text is not None or link.edits:
            self._ask(link, "link", "")

    def on_file(self, text: str) -> None:
        """The visitor chose a file that on_save() made, here or elsewhere."""
        link = module("links").from_file(text, self.originals)
        module("config").Config.from_strings(link.settings)
        self._ask(link, "file", "share")

    def _ask(self, link: Any, what: str, place: str) -> None:
        """Show what it brings, unless the page runs it already."""
        config, _ = module("workbench").read_settings(dict(link.settings))
        stage = self.show.stage
        same = (stage.text, stage.edits, stage.config.to_strings())
        if same == (link.text, link.edits, config.to_strings()):
            return
        if link.text is not None:
            self._check_corpus(link.text, what)
        if link.step is not None and link.step > config.steps:
            raise ValueError(
                f"step = {link.step:,} is not allowed: this {what} trains to step "
                f"{config.steps:,}."
            )
        self.show.part("consent").ask(
            f"This {what}",
            replace(link, settings=config.to_strings()),
            place=place,
            yes=lambda: self._begin(link),
        )

    def _check_corpus(self, text: str, what: str) -> None:
        try:
            module("corpus").load_corpus(text)
        except ValueError as error:
            raise ValueError(
                f"The sentences of this {what} cannot be used. {error}"
            ) from None

    def _begin(self, link: Any) -> None:
        """A new run, as the link has it; the present one is kept."""
        config, _ = module("workbench").read_settings(dict(link.settings))
        workshop = self.show.part("workshop")
        if link.edits or workshop.source.edits:
            settings = config.to_strings()
            workshop.begin(dict(link.edits), settings=settings, text=link.text)
        else:
            self.show.stage.start_run(config.to_strings(), link.text, {})
        self.show.stage.player.goal = link.step
        self._look_at(link.place)
        self.show.show_all()
        self.show.wake.set()

    def _look_at(self, place: dict[str, str]) -> None:
        """E01's sentence and head, as the link has them; the page sees to the rest."""
        stage = self.show.stage
        if sentence := place.get("sentence"):
            if sentence not in ("1", "2", "3"):
                raise ValueError(f"sentence = {sentence[:40]!r} is not 1, 2 or 3.")
            stage.event("e01", "sentence", sentence)
        if head := place.get("head"):
            if not HEAD.fullmatch(head):
                raise ValueError(
                    f"head = {head[:40]!r} is not a layer, a dot and a head, as 2.1 is."
                )
            stage.event("e01", "head", head.split("."))

    # ---- what is taken along ---------------------------------------------------------

    def on_form(self, options: dict[str, Any]) -> None:
        """The link that the visitor's choices make, and what it holds."""
        links = module("links")
        link = self._link(options)
        fragment = links.write(link, self.originals if link.edits else {})
        stage, fits = self.show.stage, len(fragment) <= links.LIMIT
        size = f"{len(fragment):,} of {links.LIMIT:,} characters"
        step, text, files = stage.timeline.step, stage.text, sorted(stage.edits)
        sentences, code = NO_SENTENCES, NO_CODE
        if text is not None:
            sentences = f"the sentences, {count_lines(text).split()[0]} lines"
        if files:
            code = f"the changes to the Python, in {', '.join(files)}"
        self.tell(
            "link",
            {
                "fragment": fragment,
                "fits": fits,
                "step": step,
                "sentences": text is not None,
                "code": bool(files),
                "packed": link.text is not None or bool(link.edits),
                "quick": options.get("quick", False),
                "words": {
                    "size": f"{size}{'.' if fits else TOO_LONG}",
                    "holds": self._holds(link),
                    "here": f"trained to step {step:,}, then paused",
                    "sentences": sentences,
                    "code": code,
                },
            },
        )

    def on_save(self, options: dict[str, Any]) -> None:
        """The same as a file."""
        link = self._link(options)
        text = module("links").to_file(link, self.originals)
        name = f"fishformer-link-step-{self.show.stage.timeline.step}.json"
        self.tell("file", name, text.encode("utf-8", "surrogatepass"))

    def _link(self, options: dict[str, Any]) -> Any:
        stage = self.show.stage
        step = {"here": stage.timeline.step, "start": 0}.get(options["step"])
        place = {key: options[key] for key in ("at", "teach") if options.get(key)}
        view = stage.exhibit("e01").view()
        if view["shown"] in ("2", "3"):
            place["sentence"] = view["shown"]
        if view["head"] != [stage.config.n_layers, 1]:
            place["head"] = ".".join(map(str, view["head"]))
        return module("links").Link(
            settings=stage.config.to_strings(),
            step=step,
            text=stage.text if options["sentences"] else None,
            edits=dict(stage.edits) if options["code"] else {},
            place=place,
        )

    def _holds(self, link: Any) -> str:
        """What is in it, and what is not, in words."""
        stage = self.show.stage
        parts = [settings_in_words(stage.config.to_strings(), link.step)]
        if link.text is not None:
            parts.append(count_lines(link.text))
        if link.edits:
            parts.append(f"your changes to {listed(sorted(link.edits))}")
        left = []
        if link.text is None and stage.text is not None:
            left.append("your sentences, so it trains the fish")
        if stage.edits and not link.edits:
            left.append("your changes to the Python, so it runs without them")
        missing = f" Not in it: {listed(left)}." if left else ""
        return f"In it: {listed(parts)}.{missing}"

    # ---- what is heard ---------------------------------------------------------------

    def on_curve(self, _: Any) -> None:
        """The losses up to here, thinned evenly: [[step, loss], ...] of both kinds."""
        timeline = self.show.stage.timeline
        every = max(1, -(-len(timeline.losses) // CURVE))
        steps = range(0, len(timeline.losses), every)
        curves = {
            "train": [[k, timeline.losses[k]] for k in steps],
            "held_out": [[k, look.loss] for k, look in timeline.held_out.items()],
        }
        self.tell(
            "curve",
            {
                name: [point for point in points if math.isfinite(point[1])]
                for name, points in curves.items()
            },
        )
