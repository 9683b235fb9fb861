"""E22, Edit the Python: the guided edits. The workshop of browser/ does the editing."""

from typing import Any

from fishformer.exhibits.exhibit import Exhibit, Piece, Table, Words
from fishformer.lessons.challenges import (
    CHALLENGES,
    Challenge,
    edited,
    in_words,
    recognised,
    red_tests,
)


def lines_changed(challenge: Challenge) -> list[Piece]:
    """Its lines as a diff: what goes out with a minus, what comes in with a plus."""
    pieces: list[Piece] = []
    for old, new in challenge.pieces:
        before, after = old.splitlines(), new.splitlines()
        pieces += [(f"- {line}\n", "out") for line in before if line not in after]
        pieces += [(f"+ {line}\n", "in") for line in after if line not in before]
    return pieces


class EditThePython(Exhibit):
    """Six edits, the lines of each and the tests that should see it."""

    id = "e22"
    shows_code = (edited, recognised, red_tests)
    live = False
    of_corpus = False

    def handle(self, name: str, value: Any) -> None:
        super().handle(name, value)

    def texts(self) -> dict[str, Words]:
        said: dict[str, Words] = {}
        for challenge in CHALLENGES:
            red = [in_words(test) for test in red_tests(challenge)]
            said[f"e22.file.{challenge.key}"] = challenge.file
            said[f"e22.diff.{challenge.key}"] = lines_changed(challenge)
            said[f"e22.red.{challenge.key}"] = "; ".join(red) + "."
        return said

    def tables(self) -> list[Table]:
        rows = [
            [challenge.title, challenge.file, in_words(test)]
            for challenge in CHALLENGES
            for test in red_tests(challenge)
        ]
        return [
            Table("Tests that fail after each edit", ["Edit", "File", "Test"], rows)
        ]
