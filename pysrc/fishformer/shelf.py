"""All runs of a page, in the order in which they were begun; one of them is live."""

from collections.abc import Sequence

from fishformer.runs import Run

MOST_RUNS = 24
ROOM = 64e6  # bytes that the checkpoints of those that are not live may take
LONGEST_NAME = 60  # characters


class Shelf:
    """The runs, the live one among them."""

    def __init__(self, live: Run):
        self.live = live
        self.runs = [live]
        live.key = live.key or "1"
        self.count = 1  # keys given so far
        self.deleted: list[tuple[int, Run]] = []  # with its place, the latest last

    def add(self, run: Run, *, live: bool) -> None:
        """One more. Raises ValueError where there are too many."""
        empty = live and self.live.last == 0  # a run that never began is not kept
        if len(self.runs) - empty >= MOST_RUNS:
            raise ValueError(
                f"There are {MOST_RUNS} runs, as many as are kept. Delete one first."
            )
        if empty:
            self.runs.remove(self.live)
        run.name, run.key = self._free(run.name), self._free_key()
        self.runs.append(run)
        if live:
            self.live = run
        self.make_room()

    def hold(self, runs: list[Run], live: Run | None = None) -> None:
        """Runs that were held before, in front of those here, or instead of them."""
        here, self.runs = [] if live else self.runs, list(runs)
        self.live = live or self.live
        self._count_up()
        for run in here:
            run.key, run.name = self._free_key(), self._free(run.name)
            self.runs.append(run)

    def restore(self, runs: list[Run], order: list[str]) -> None:
        """More runs from before: by their keys in this order, ahead of the others.

        Without an order they are another page's, and get keys of their own.
        """
        for run in runs:
            if not order:
                run.key = self._free_key()
            run.name = self._free(run.name)
            self.runs.append(run)
        place = {key: n for n, key in enumerate(order or [run.key for run in runs])}
        self.runs.sort(key=lambda run: place.get(run.key, len(place)))
        self._count_up()

    def find(self, key: str) -> Run:
        """The run of a key. Raises ValueError."""
        for run in self.runs:
            if run.key == key:
                return run
        raise ValueError(f"There is no run {key!r}.")

    def make_room(self) -> None:
        """Thin the oldest runs where all together take too much; curves stay whole."""
        others = [run for run in self.runs if run is not self.live]
        for run in others:
            while len(run.checkpoints) > 2 and sum(r.nbytes for r in others) > ROOM:
                run.thin(len(run.checkpoints) // 2)

    def rename(self, run: Run, name: str) -> None:
        """Raises ValueError for no name, or one that is too long."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(
                f"A name has 1 to {LONGEST_NAME} characters; this one has {len(name)}."
            )
        run.name = self._free(name, run)

    def delete(self, run: Run) -> None:
        """Raises ValueError for the live run."""
        if run is self.live:
            raise ValueError("The live run cannot be deleted. Open another one first.")
        place = self.runs.index(run)
        self.deleted.append((place, self.runs.pop(place)))

    def undelete(self) -> Run | None:
        """Bring back the run that was deleted last."""
        if not self.deleted:
            return None
        place, run = self.deleted.pop()
        self.runs.insert(place, run)
        run.name = self._free(run.name, run)
        return run

    def _free_key(self) -> str:
        self.count += 1
        return str(self.count)

    def _count_up(self) -> None:
        keys = [int(run.key) for run in self.runs if run.key.isdecimal()]
        self.count = max([self.count, *keys])

    def _free(self, name: str, own: Run | None = None) -> str:
        return free_name(name, [run for run in self.runs if run is not own])


def free_name(name: str, runs: Sequence[Run]) -> str:
    """This name, with a number if one of the runs has it; without one, "Run 1"."""
    taken = {run.name for run in runs}
    n, free = 1, name or "Run 1"
    while free in taken:
        n += 1
        free = f"{name} ({n})" if name else f"Run {n}"
    return free
