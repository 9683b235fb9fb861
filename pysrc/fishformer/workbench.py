"""The live run and the other runs: what is begun, kept, opened and taken up again."""

from dataclasses import asdict
from typing import Any

from fishformer.config import Config, ConfigError
from fishformer.corpus import Corpus
from fishformer.player import Player
from fishformer.runs import (
    Run,
    corpus_of,
    differences,
    pack,
    timeline_of,
    title_of,
    unpack,
)
from fishformer.shelf import Shelf
from fishformer.stopping import StopRules
from fishformer.timeline import Timeline

PAGE_MODEL = "encoder"  # the kind that E01 can show
SAME: Any = object()  # as the live run has it


def read_settings(given: dict[str, str]) -> tuple[Config, list[str]]:
    """The settings of a link, and what is wrong with it; bad ones keep the default."""
    good, notices = {}, []
    for key, text in given.items():
        try:
            Config.check(key, text)
            good[key] = text
        except ConfigError as error:
            notices.append(str(error))
    try:
        _check_kind(Config(model=good.get("model", PAGE_MODEL)))
    except ConfigError as error:
        del good["model"]
        notices.append(str(error))
    try:
        return Config.from_strings(good), notices
    except ConfigError as error:  # each is allowed, but not all together
        return Config(), [*notices, str(error)]


def _check_kind(config: Config) -> None:
    if config.model != PAGE_MODEL:
        raise ConfigError(
            f"model = {config.model} trains in a terminal; this page has an encoder."
        )


class Workbench:
    """The live run, played, and all runs. What it refuses changes nothing.

    A subclass hears of a new live run by renew(), of any other change by refresh().
    """

    def __init__(self, settings: dict[str, str] | None = None):
        settings = dict(settings or {})
        self.asked = bool(settings)  # whether a link asks for a certain run
        step = settings.pop("step", None)
        self.config, self.notices = read_settings(settings)
        self.corpus = corpus_of(None)
        self.player = Player(Timeline(self.config, self.corpus))
        self.shelf = Shelf(Run("First run", self.config.to_strings()))
        self.player.goal = self.asked_step = self._read_goal(step)

    def renew(self, same_config: bool) -> None:
        """There is another live run."""

    def refresh(self) -> None:
        """The live run stands elsewhere, or does something else."""

    @property
    def timeline(self) -> Timeline:
        """That of the live run."""
        return self.player.timeline

    @property
    def state(self) -> str:
        """ready, training, paused, done or failed."""
        return self.player.state

    @property
    def runs(self) -> list[Run]:
        """All runs; the live one is brought up to date by capture()."""
        return self.shelf.runs

    @property
    def live(self) -> Run:
        """The run that the page shows and trains."""
        return self.shelf.live

    @property
    def text(self) -> str | None:
        """The sentences of the live run; None for the fish."""
        return self.live.text

    @property
    def edits(self) -> dict[str, str]:
        """The edited modules of the live run: path -> text."""
        return self.live.edits

    def _read_goal(self, text: str | None) -> int | None:
        if text is None:
            return None
        if not text.isdecimal() or int(text) > self.timeline.end:
            self.notices.append(
                f"step = {text!r} is not allowed: it is a whole number from 0 to "
                f"{self.timeline.end:,}."
            )
            return None
        return int(text)

    # ---- runs --------------------------------------------------------------------

    def corpus_for(self, run: Run) -> Corpus:
        """What a run learns from; read anew only if the live one has other sentences.

        Raises CorpusError.
        """
        return self.corpus if run.text == self.text else corpus_of(run.text)

    def capture(self) -> Run:
        """The live run, brought up to date."""
        self.live.take(self.timeline, self.player.seconds)
        return self.live

    def start_run(
        self,
        settings: dict[str, str] | None = None,
        text: str | None = SAME,
        edits: dict[str, str] = SAME,
        anew: bool = False,
    ) -> None:
        """Keep the present run, and train a new one from its seed.

        With nothing else than the present one has it is the same run, from its start,
        unless it shall be `anew`. Raises ConfigError, CorpusError, or ValueError where
        there are too many runs; then all stays as it is.
        """
        config = self.config if settings is None else Config.from_strings(settings)
        _check_kind(config)
        run = Run(
            settings=config.to_strings(),
            text=self.text if text is SAME else text,
            edits=dict(self.edits if edits is SAME else edits),
            end=config.steps,
        )
        corpus = self.corpus_for(run)
        timeline = Timeline(config, corpus)
        changes = differences(run, self.live)
        self.capture()
        if changes or anew:
            run.name = title_of(changes) or self.live.name
            self.shelf.add(run, live=True)
        self._show(timeline, corpus)
        self.player.state = "training"

    def add_run(
        self, run: Run, live: bool = True, timeline: Timeline | None = None
    ) -> None:
        """One more run, from elsewhere or from before; `timeline` as in timeline_of().

        Raises StorageError, ConfigError, CorpusError or ValueError where it cannot be;
        then all stays as it is.
        """
        corpus = self.corpus_for(run)
        _check_kind(run.config)
        timeline = timeline_of(run, corpus, timeline)
        self.capture()
        self.shelf.add(run, live=live)
        if live:
            self._show(timeline, corpus, run)

    def open_run(self, run: Run) -> None:
        """Make a kept run the live one, at its step. Raises StorageError."""
        if run is self.live:
            return
        corpus = self.corpus_for(run)
        timeline = timeline_of(run, corpus)
        self.capture()
        self.shelf.live = run
        self.shelf.make_room()
        self._show(timeline, corpus, run)

    def _show(self, timeline: Timeline, corpus: Corpus, run: Run | None = None) -> None:
        """Have another timeline before all eyes; `run` says at which step."""
        config = timeline.trainer.config
        same, self.config, self.corpus = config == self.config, config, corpus
        self.player.load(timeline, run.seconds if run else 0.0)
        if run:
            self.player.command("seek", run.step)
        self.renew(same)

    def position(self) -> dict[str, Any]:
        """Where the page stands, as plain data."""
        return {
            "live": self.runs.index(self.live),
            "step": self.timeline.step,
            "state": self.state,
            "speed": self.player.speed,
            "rules": asdict(self.player.rules),
        }

    def pack(self) -> bytes:
        """All runs and where the page stands."""
        self.capture()
        return pack(*self.runs, **self.position())

    def pack_deleted(self) -> bytes:
        """The runs that can still be brought back."""
        places = [place for place, _ in self.shelf.deleted]
        return pack(*[run for _, run in self.shelf.deleted], places=places)

    def unpack_deleted(self, data: bytes) -> None:
        """Be able to bring them back here."""
        runs, about = unpack(data)
        self.shelf.deleted = list(zip(about["places"], runs, strict=True))

    def unpack(self, data: bytes) -> None:
        """Take up what pack() gave, at its step, training or not.

        Where a link asks for other settings, its run stays the live one. Raises
        StorageError and then leaves all as it is.
        """
        self.take_up(*unpack(data))

    def overrules(self, run: Run) -> bool:
        """Whether the link by which the page was opened asks for another run."""
        return self.asked and run.config != self.config

    def take_up(self, runs: list[Run], position: dict[str, Any]) -> None:
        """As unpack(), for what is unpacked already."""
        live = runs[position["live"]]
        if self.overrules(live):
            self.shelf.hold(runs)
            return
        corpus = self.corpus_for(live)
        same = live.config == self.config and corpus is self.corpus
        fresh = self.timeline if same and not self.timeline.last else None
        timeline = timeline_of(live, corpus, fresh=fresh)
        self.shelf.hold(runs, live)
        self._show(timeline, corpus, live)
        self.player.speed = float(position["speed"])
        self.player.rules = StopRules(**position["rules"])
        step = self.asked_step
        if step is not None and step <= timeline.last:
            self.player.command("seek", step)
        elif step is not None:
            self.player.command("train")
            self.player.goal = step
        elif position["state"] == "training":
            self.player.then = "training"

    def open(self) -> None:
        """Start by itself, as far as the link asks, unless a run was taken up."""
        if self.state == "ready":
            self.player.state = "training"

    def command(self, name: str, value: Any = None) -> None:
        """One command of the page. Raises ValueError for an unknown one."""
        if name == "restart":
            self.player.load(Timeline(self.config, self.corpus))
            self.player.state = "training"
        elif name == "corpus":
            self.start_run(text=value)
        elif name == "settings":
            self.start_run(value)
        else:
            self.player.command(name, value)
        self.refresh()

    def make_room(self) -> None:
        """Memory is short: pause, and let every second checkpoint of all runs go."""
        self.player.make_room()
        self.capture()
        for run in self.runs:
            if run is not self.live:
                run.thin(len(run.checkpoints) // 2)
        self.refresh()

    # ---- one short piece of work -------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether work() has anything to do."""
        return self.player.busy

    @property
    def in_haste(self) -> bool:
        """Whether to work without pauses."""
        return self.player.in_haste

    def work(self) -> bool:
        """One training step, or one step of going back; whether there is news."""
        return self.player.work()
