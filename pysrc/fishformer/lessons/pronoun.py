"""What does "it" mean? A model that is asked, and where its "it" looks.

The sentences are those of datasets.load_it: "the trophy did not fit in the bag because
it was too big". Asked at "it", the model answers with one of the two things; only the
last word tells which.

Shapes: N sentences, T words, L layers, H heads.
"""

from collections.abc import Iterator

import numpy as np

from fishformer.config import Config
from fishformer.experiments import untrained
from fishformer.model import Transformer
from fishformer.softmax import softmax_forward
from fishformer.tasks import Questions, padded
from fishformer.training import Trainer

THING, PLACE, IT, SIZE = 1, 7, 9, 12  # positions in a sentence
STEPS = 300  # of a run, and more each time it is prolonged
LOOK_EVERY = 10  # steps between two looks at the held-out sentences
SENTENCES_A_PIECE = 46  # of a look, so that it is done in short pieces


def looks_of_it(model: Transformer, token_ids: np.ndarray) -> np.ndarray:
    """How "it" divides its attention over the words: (N, T) ids -> (L, H, N, T)."""
    _, trace = model.forward(token_ids, (np.array([0]), np.array([IT])))
    rows = [block.attention.attn_weights[:, :, IT] for block in trace.blocks]
    return np.stack(rows).swapaxes(1, 2)


def thing_to_place(looks: np.ndarray) -> np.ndarray:
    """The logarithm of how much more "it" looks at the thing than at the place.

    (..., T) -> (...). It is the difference of two scores, q · (k of the thing - k of
    the place) / sqrt(Dh): the total that softmax divides by has cancelled out. So in
    layer 1, where "it" and the two have read nothing yet, no other word can change it.
    """
    return np.log(looks[..., THING].astype(np.float64) / looks[..., PLACE])


def answers(model: Transformer, token_ids: np.ndarray) -> np.ndarray:
    """What the model says that "it" is: (N, T) ids -> probabilities (N, V)."""
    places = np.arange(len(token_ids)), np.full(len(token_ids), IT)
    logits, _ = model.forward(token_ids, places, only_places=True)
    return softmax_forward(logits)


class ItRun:
    """One run, made in short pieces, with a copy of the model at each look.

    `accuracy[k]` is the share of held-out questions that are answered right at step k,
    `kept[k]` are the parameters there. The trainer does not get those questions: its
    own look at them would be one long piece.
    """

    def __init__(self, config: Config, questions: Questions):
        self.trainer = Trainer(config, Questions(questions.name, questions.train))
        encode = self.trainer.task.tokenizer.encode
        self.asked = padded([encode(q.words) for q in questions.held_out])
        self.right = np.array(encode(q.answer for q in questions.held_out))
        self.accuracy: dict[int, float] = {}
        self.kept: dict[int, np.ndarray] = {0: self._params().copy()}
        self.end = STEPS
        self.pieces = self._pieces()

    @property
    def model(self) -> Transformer:
        model = self.trainer.model
        assert isinstance(model, Transformer)
        return model

    @property
    def step(self) -> int:
        """Where training stands."""
        return self.trainer.report.step

    @property
    def done(self) -> bool:
        """Whether all steps are made and looked at, or can no longer be made."""
        return self.end in self.accuracy or bool(self.trainer.report.trouble)

    def prolong(self) -> None:
        """Let it go on after its end."""
        self.end += STEPS
        self.pieces = self._pieces()

    def shown_at(self, step: int) -> Transformer:
        """A model with the parameters of a step that was kept; it is not trained."""
        if not hasattr(self, "_shown"):
            task = self.trainer.task
            made = untrained(self.trainer.config, task)
            assert isinstance(made, Transformer)
            self._shown = made
        self._shown.params.buffer[...] = self.kept[step]
        return self._shown

    def _params(self) -> np.ndarray:
        return self.trainer.model.params.buffer

    def _pieces(self) -> Iterator[None]:
        """To the end, one step or one part of a look at a time."""
        if self.step not in self.accuracy:
            yield from self._look()
        while self.step < self.end and not self.trainer.report.trouble:
            self.trainer.update()
            yield
            if self.step % LOOK_EVERY == 0:
                yield from self._look()

    def _look(self) -> Iterator[None]:
        right, count = 0, len(self.asked)
        for first in range(0, count, SENTENCES_A_PIECE):
            part = slice(first, first + SENTENCES_A_PIECE)
            best = answers(self.model, self.asked[part]).argmax(axis=-1)
            right += int((best == self.right[part]).sum())
            if first + SENTENCES_A_PIECE >= count:
                self.accuracy[self.step] = right / count
                self.kept[self.step] = self._params().copy()
            yield
