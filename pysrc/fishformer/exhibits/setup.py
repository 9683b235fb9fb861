"""Experiments, the settings: change them, see what that would do, train with them."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from fishformer.config import Config, ConfigError, validate, written
from fishformer.exhibits.exhibit import Exhibit, Table, Words
from fishformer.lessons.cost import work_of_layer
from fishformer.lessons.forecast import Forecast, forecast
from fishformer.runs import Run, differences
from fishformer.settings_form import parse, shown
from fishformer.stopping import StopRules, stop_at
from fishformer.timeline import Timeline

if TYPE_CHECKING:
    from fishformer.exhibits.stage import Stage

Draft = dict[str, str]
UNDOES = 50  # changes that can be taken back


def in_words(seconds: float) -> str:
    """A time as one says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def milliseconds(seconds: float) -> str:
    """The time of one step."""
    ms = seconds * 1000
    return f"{ms:.1f} ms" if ms < 10 else f"{ms:,.0f} ms"


class Setup(Exhibit):
    """A draft of all settings beside those of the live run; and when to stop."""

    id = "setup"
    of_stage = True
    shows_code = (validate, forecast, work_of_layer, stop_at)

    def __init__(self, stage: "Stage"):
        self.stage = stage
        self.refused = ""  # why the last try to train did not begin
        self.rule_errors: dict[str, str] = {}
        self.rule_texts: dict[str, str] = {}
        self._begin()

    def _begin(self) -> None:
        """Show what the live run has."""
        self.of = self.stage.live
        self.draft = self._texts(self.stage.config)
        self.before: list[Draft] = []

    @staticmethod
    def _texts(config: Config) -> Draft:
        return {f.metadata["key"]: written(getattr(config, f.name)) for f in shown()}

    # ---- events ------------------------------------------------------------------

    def handle(self, name: str, value: Any) -> None:
        self.refused = ""
        if name in self.draft:
            self._change({**self.draft, name: parse(name, value)})
        elif name == "defaults":
            self._change(self._texts(Config()))
        elif name == "live":
            self._change(self._texts(self.stage.config))
        elif name == "undo":
            if self.before:
                self.draft = self.before.pop()
        elif name == "fix":
            self._change({**self.draft, "heads": str(self._fitting_heads())})
        elif name == "train":
            self._train()
        elif name.startswith("stop."):
            self._set_rule(name.removeprefix("stop."), str(value).strip())
        elif name == "best" and self.stage.player.stopped:
            self.stage.command("seek", self.stage.player.stopped.best or 0)
        else:
            super().handle(name, value)

    def _change(self, draft: Draft) -> None:
        if draft != self.draft:
            self.before = [*self.before, self.draft][-UNDOES:]
            self.draft = draft

    def _train(self) -> None:
        try:
            self.stage.start_run(self._settings())
        except ValueError as error:
            self.refused = str(error)

    def _settings(self) -> Draft:
        """The draft, and what of the live run the form does not show."""
        return {**self.stage.config.to_strings(), **self.draft}

    def _set_rule(self, name: str, text: str) -> None:
        names = {f.metadata["key"]: f for f in fields(StopRules)}
        if name not in names:
            super().handle(f"stop.{name}", text)
        self.rule_texts[name] = text
        self.rule_errors.pop(name, None)
        try:
            number = names[name].type(text or 0)  # type: ignore[operator]
            rules = replace(self.stage.player.rules, **{name: number})
        except ConfigError as error:
            self.rule_errors[name] = str(error)
        except ValueError:
            low, high = names[name].metadata["low"], names[name].metadata["high"]
            self.rule_errors[name] = (
                f"{text!r} is not allowed: it is a number from {low} to {high:,}, or "
                "nothing, which is never."
            )
        else:
            self.stage.player.rules = rules

    # ---- what the draft would do ----------------------------------------------------

    def compute(self, timeline: Timeline) -> None:
        if self.of is not self.stage.live:
            self._begin()
            self.refused = ""
        self.errors, config = self._read()
        self.drafted = config
        live, corpus = self.stage.config, self.stage.corpus
        self.now: Forecast = forecast(live, corpus)
        self.then = forecast(config, corpus) if config else None
        mine = Run(settings=config.to_strings()) if config else None
        self.changes = (
            differences(mine, Run(settings=live.to_strings())) if mine else []
        )

    def _read(self) -> tuple[dict[str, str], Config | None]:
        """What is wrong, by key; the settings, if nothing is."""
        errors = {}
        for key, text in self.draft.items():
            try:
                Config.check(key, text)
            except ConfigError as error:
                errors[key] = str(error)
        if not errors.keys() & {"heads", "d_model"}:
            try:
                Config.from_strings({k: self.draft[k] for k in ("heads", "d_model")})
            except ConfigError as error:
                errors["heads"] = f"{error} {self._fitting_heads()} would do."
        if errors:
            return errors, None
        return {}, Config.from_strings(self._settings())

    def _fitting_heads(self) -> int:
        """The number of heads nearest to the draft's that divides its d_model."""
        try:
            D, H = int(self.draft["d_model"]), int(self.draft["heads"])
        except ValueError:
            return 1
        return min((h for h in range(1, 9) if D % h == 0), key=lambda h: abs(h - H))

    # ---- what is said ---------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for key, text in self.draft.items():
            value: Any = {"on": True, "off": False}.get(text, text)
            state[f"setup.{key}"] = value
        for f in fields(StopRules):
            key, value = f.metadata["key"], getattr(self.stage.player.rules, f.name)
            told = self.rule_texts.get(key, "") if key in self.rule_errors else value
            state[f"setup.stop.{key}"] = told or ""
        stopped = self.stage.player.stopped
        state |= {
            "setup.train.off": self.drafted is None or not self.changes,
            "setup.changed": bool(self.changes or self.errors),
            "setup.undo.off": not self.before,
            "setup.defaults.off": self.draft == self._texts(Config()),
            "setup.live.off": not self.changes and not self.errors,
            "setup.misfit": "does not divide" in self.errors.get("heads", ""),
            "setup.stopped": bool(stopped),
            "setup.better": bool(stopped and stopped.best is not None),
            "setup.invalid": [*self.errors, *(f"stop.{k}" for k in self.rule_errors)],
            "setup.edited": self._edited(),
        }
        return {"state": state}

    def _edited(self) -> list[str]:
        now = self._texts(self.stage.config)
        return [key for key, text in self.draft.items() if text != now[key]]

    def texts(self) -> dict[str, Words]:
        edited, now = self._edited(), self._texts(self.stage.config)
        texts: dict[str, Words] = {}
        for key, text in self.draft.items():
            texts[f"setup.was.{key}"] = f"Now {now[key]}." if key in edited else ""
            texts[f"setup.error.{key}"] = self.errors.get(key, "")
            texts[f"setup.value.{key}"] = text
        for f in fields(StopRules):
            key = f.metadata["key"]
            texts[f"setup.error.stop.{key}"] = self.rule_errors.get(key, "")
        stopped = self.stage.player.stopped
        texts |= {
            "setup.changes": self._changes_in_words(),
            "setup.parameters": self._pair("parameters"),
            "setup.time": self._time(),
            "setup.whole": self._whole(),
            "setup.refused": self.refused,
            "setup.fix": f"Take {self._fitting_heads()}",
            "setup.stop": stopped.reason if stopped else "",
            "setup.best": f"Go to step {stopped.best or 0:,}" if stopped else "",
        }
        return texts

    def _changes_in_words(self) -> str:
        if self.errors:
            one = len(self.errors) == 1
            return f"{len(self.errors)} setting{' is' if one else 's are'} not allowed."
        if not self.changes:
            return "As the live run has them. Change one to see what it would do."
        return ", ".join(self.changes)

    def _pair(self, what: str) -> str:
        if self.errors:
            return "–"
        now = getattr(self.now, what)
        then = getattr(self.then, what) if self.then else now
        return f"{now:,}" if then == now else f"{now:,} → {then:,}"

    def _time(self) -> str:
        measured = self.stage.player.pace
        if measured is None or self.errors:
            return "–"
        if not self.then or not self.changes:
            return f"{milliseconds(measured)}, measured"
        then = self.then.seconds(measured, self.now)
        return f"{milliseconds(measured)} → about {milliseconds(then)}, an estimate"

    def _whole(self) -> str:
        measured = self.stage.player.pace
        config = self.drafted or self.stage.config
        if measured is None or self.errors:
            return "–"
        each = (self.then or self.now).seconds(measured, self.now)
        return f"{config.steps:,} steps in about {in_words(each * config.steps)}"

    def tables(self) -> list[Table]:
        now = self._texts(self.stage.config)
        rows = [
            [f.metadata["label"], key, now[key], self.draft[key], written(f.default)]
            for f in shown()
            if (key := f.metadata["key"])
        ]
        columns = ["Setting", "Name", "Live run", "Here", "Default"]
        return [Table("Settings", columns, rows)]
