"""Numbers that a visitor may change, one at a time, and take back."""

from collections.abc import Mapping
from typing import Any

import numpy as np


class EditError(ValueError):
    """What was typed is not a number, or not one that is allowed."""


def read_number(text: Any, most: float) -> float:
    """A number from -most to most, as typed: "0.5", "0,5" and "−.5" will do.

    Raises EditError, which says what is wrong.
    """
    plain = str(text).strip().replace("−", "-").replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        raise EditError(f"“{text}” is not a number.") from None
    if not -most <= number <= most:  # also refuses NaN
        raise EditError(f"{text} is out of bounds: from −{most:g} to {most:g}, please.")
    return round(number, 2)


class Edits:
    """Several matrices by name, how they were at first, and every change since.

    `error` says why the last change was refused, "" if it was not; a refused change
    leaves everything as it was. `count` grows with every attempt.
    """

    def __init__(self, first: Mapping[str, np.ndarray], most: float):
        self.first = dict(first)
        self.most = most
        self.count = 0
        self.error = ""
        self._undo: list[tuple[str, int, int, float]] = []
        self._now = {name: array.copy() for name, array in first.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._now[name]

    def change(self, name: str, row: int, column: int, text: Any) -> None:
        """Put what was typed in one place, or say in `error` why not.

        Raises ValueError where there is no such place.
        """
        if name not in self._now:
            raise ValueError(f"There is nothing to change in {name!r}.")
        array = self._now[name]
        if not (0 <= row < array.shape[0] and 0 <= column < array.shape[1]):
            raise ValueError(f"{name} has no row {row}, column {column}.")
        self.count += 1
        old = float(array[row, column])
        try:
            number = read_number(text, self.most)
        except EditError as error:
            self.error = f"{error} It is still {old:g}.".replace(" -", " −")
            return
        self.error = ""
        if number != old:
            self._undo.append((name, row, column, old))
            array[row, column] = number

    def undo(self) -> None:
        """Take back the last change, if there is one."""
        self.count += 1
        self.error = ""
        if self._undo:
            name, row, column, old = self._undo.pop()
            self._now[name][row, column] = old

    def reset(self) -> None:
        """Everything as it was at first."""
        self.count += 1
        self.error = ""
        self._undo.clear()
        self._now = {name: array.copy() for name, array in self.first.items()}

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undo)

    def marks(self, name: str) -> list[list[str]]:
        """The mark of every cell of a matrix: "edited" where it is not as at first."""
        changed = self._now[name] != self.first[name]
        return [["edited" if cell else "" for cell in row] for row in changed.tolist()]

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was at first."""
        return any((self._now[n] != first).any() for n, first in self.first.items())
