"""Whatever is done in whatever order, every exhibit on the screen can be drawn."""

import random

import pytest

from controls import Controls
from fishformer.exhibits.broken import Broken
from fishformer.exhibits.stage import EXHIBITS, Stage
from staging import LINES, LONG

ACTIONS = 120
CONTROLS = Controls()
SIZES = ((12, 9), (100, 100), (280, 240), (720, 420))


class Monkey:
    """One that has its hands on the page's run, its runs and the screen."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.stage = Stage(LONG)
        self.stage.open()

    def act(self):
        """One action; what is refused is refused in words."""
        [act] = self.chance.choices([*OFTEN], [*OFTEN.values()])
        try:
            getattr(self, act)()
        except ValueError as refusal:
            assert str(refusal)

    def train_on(self):
        for _ in range(self.chance.randrange(1, 30)):
            self.stage.work()

    def begin(self):
        changes = {"layers": "123", "heads": "124", "seed": "78"}
        some = {key: self.chance.choice(values) for key, values in changes.items()}
        self.stage.start_run({**LONG, **some}, anew=self.chance.random() < 0.3)

    def command(self):
        names = ("restart", "train", "pause", "latest", "step")
        self.stage.command(self.chance.choice(names))

    def seek(self):
        self.stage.command("seek", self.chance.randrange(60))

    def other_sentences(self):
        self.stage.command("corpus", self.chance.choice((None, LINES)))

    def use_the_runs(self):
        name = self.chance.choice(("open", "delete", "undelete", "compare", "show"))
        self.stage.event("runs", name, self.chance.choice(self.stage.runs).key)

    def scroll(self):
        for _ in range(2):
            name = self.chance.choice([*EXHIBITS])
            self.stage.set_on_screen(name, self.chance.random() < 0.6)

    def use(self):
        """Press, type or point at something on the screen."""
        name = self.chance.choice(sorted(self.stage.on_screen) or ["e01"])
        size = self.chance.choice(SIZES)
        event = CONTROLS.pick(self.chance, self.stage.exhibit(name), size)
        if event:
            self.stage.event(name, *event)

    def wait(self):
        self.stage.work_on_jobs()

    def reload(self):
        packed, shown = self.stage.pack(), self.stage.on_screen
        self.stage = Stage()
        self.stage.on_screen = set(shown)
        self.stage.unpack(packed)

    def run_short_of_memory(self):
        self.stage.make_room()

    def save(self):
        """Every picture and table of an exhibit, on the screen or not."""
        name = self.chance.choice([*EXHIBITS])
        self.stage.look(name)
        self.draw(self.stage.exhibit(name).canvases)
        self.stage.exhibit(name).tables()

    def draw(self, canvases):
        size = self.chance.choice(SIZES)
        for canvas in canvases:
            self.stage.draw(canvas, *size)
            self.stage.backdrop(canvas, *size)

    def look(self):
        """As the page does after each action; what has stopped, and why."""
        self.draw(self.stage.canvases())
        self.stage.views()
        self.stage.frame()
        self.stage.labels()
        if self.chance.random() < 0.7:
            self.stage.changed.clear()
        exhibits = self.stage.exhibits.values()
        return [one.detail for one in exhibits if isinstance(one, Broken)]


OFTEN = {
    **{"use": 12, "train_on": 3, "scroll": 3, "begin": 1, "command": 1, "seek": 1},
    **{"other_sentences": 1, "use_the_runs": 1, "wait": 1, "save": 1, "reload": 1},
    **{"run_short_of_memory": 1},
}


@pytest.mark.parametrize("seed", range(8))
def test_every_exhibit_can_be_drawn(seed):
    monkey = Monkey(seed)
    for _ in range(ACTIONS):
        monkey.act()
        broken = monkey.look()
        assert not broken, broken[0]
