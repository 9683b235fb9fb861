"""A sentence that an encoder-decoder writes while it reads another, word by word.

Shapes: T words written and the end, S words of the source, L layers, H heads.
"""

from collections.abc import Iterator

import numpy as np

from fishformer.corpus import Words
from fishformer.lessons.runs import RewriterRun
from fishformer.sampling import GREEDY, Written, write
from fishformer.tokenizer import END

START_SAID, END_SAID = "(start)", "(end)"


class Rewrite:
    """What the model of one step makes of a sentence, as far as it has come."""

    def __init__(self, run: RewriterRun, step: int, source: Words):
        """Raises WritingError or UnknownWordError for a sentence it cannot read."""
        self.run = run
        self.step = step
        self.source = source
        self.written: list[Written] = []
        self.ended = False
        self._words_to_come = self._begun()

    def _begun(self) -> Iterator[Written]:
        model, tokenizer = self.run.model_at(self.step), self.run.tokenizer
        rng = np.random.default_rng(0)  # asked for nothing: it takes the likeliest
        return write(model, tokenizer, (), rng, GREEDY, self.source)

    def write_word(self) -> None:
        """Write the likeliest word next, or the end."""
        self.run.model_at(self.step)  # meanwhile, another step may have been shown
        one = next(self._words_to_come, None)
        if one is not None:
            self.written.append(one)
        self.ended = (
            one is None or one.token_id == END or len(self.written) >= self.run.max_len
        )

    def write_all(self) -> "Rewrite":
        """Go on to the end."""
        while not self.ended:
            self.write_word()
        return self

    @property
    def words(self) -> Words:
        """The sentence so far."""
        return tuple(one.word for one in self.written if one.token_id != END)

    @property
    def writes(self) -> list[str]:
        """What came out of each row: the words, and the end."""
        return [END_SAID if one.token_id == END else one.word for one in self.written]

    @property
    def reads(self) -> list[str]:
        """What went into each row: the word before, at first the start."""
        return [START_SAID, *self.writes][: len(self.written)]

    def looks(self) -> np.ndarray:
        """Where it looked for each word: (L, H, T, S); T is 0 at the start."""
        if not self.written:
            config = self.run.config
            return np.zeros((config.n_layers, config.n_heads, 0, len(self.source)))
        blocks = self.written[-1].trace.blocks  # no word changes the rows before it
        return np.array([block.cross.attn_weights[0] for block in blocks])
