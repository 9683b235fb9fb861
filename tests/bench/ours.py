"""Our own step on the standard batch: run natively, and in Pyodide by the bench's page.

Every peer gets the weights and the batches made here, so that all do the same work:
masked words, one gap a sentence, forward, backward, clipping, Adam.
"""

import ast
import inspect
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from standard import Shape

from fishformer import attention, layers
from fishformer.config import Config
from fishformer.model import Trace, make_model
from fishformer.optim import Adam, clip_gradient, gradient_norm
from fishformer.softmax import cross_entropy_backward, cross_entropy_forward
from fishformer.tasks import hide
from fishformer.tokenizer import SPECIALS

LEARNING_RATE = 1e-3  # of all peers, from the first step
N_BATCHES = 32  # that a run goes through again and again


class Run:
    """A model in training; `only_places` skips what the loss does not need."""

    trace: Trace

    def __init__(self, shape: Shape, only_places: bool):
        self.only_places = only_places
        self.config = Config(
            batch_size=shape.batch,
            d_model=shape.width,
            n_heads=shape.heads,
            n_layers=shape.layers,
            d_ff=shape.hidden,
        )
        rng = np.random.default_rng(1)
        self.model = make_model(self.config, shape.words, shape.length, rng)
        self.adam = Adam(self.model.params.buffer)
        self.steps = 0
        size = (N_BATCHES, shape.batch, shape.length)
        sentences = rng.integers(len(SPECIALS), shape.words, size)
        gaps = rng.integers(shape.length, size=size[:2])
        self.batches = [hide(*pair) for pair in zip(sentences, gaps, strict=True)]

    def step(self) -> float:
        """One update; the loss before it."""
        token_ids, places, targets, _ = self.batches[self.steps % N_BATCHES]
        self.steps += 1
        logits, trace = self.model.forward(
            token_ids, places, only_places=self.only_places
        )
        self.trace = trace  # kept to the next step, as the trainer does
        loss, probs = cross_entropy_forward(logits, targets)
        dlogits = cross_entropy_backward(probs, targets)
        grads = self.model.backward(dlogits, trace).buffer
        clip_gradient(grads, gradient_norm(grads), self.config.clip)
        buffer = self.model.params.buffer
        self.adam.update(buffer, grads, LEARNING_RATE, self.steps)
        return loss

    def time(self, steps: int) -> float:
        """Milliseconds a step."""
        began = time.perf_counter()
        for _ in range(steps):
            self.step()
        return (time.perf_counter() - began) / steps * 1000

    def start(self) -> dict:
        """What a peer starts from: settings, weights, batches."""
        params = self.model.params
        return {
            "clip": self.config.clip,
            "learning_rate": LEARNING_RATE,
            "shapes": {name: list(shape) for name, shape in params.shapes.items()},
            "weights": params.buffer.tolist(),
            "batches": [
                {
                    "token_ids": batch.token_ids.tolist(),
                    "positions": batch.places[1].tolist(),
                    "targets": batch.targets.tolist(),
                }
                for batch in self.batches
            ],
        }


@contextmanager
def timed_products() -> Iterator[list[float]]:
    """Meanwhile the seconds of every matrix product go into the list: GEMM.

    The products of linear layers all go through layers.contract; those of attention
    are written with @, which here becomes the call of a function.
    """
    seconds: list[float] = []

    def timed(product):
        def timed_product(a, b):
            began = time.perf_counter()
            result = product(a, b)
            seconds.append(time.perf_counter() - began)
            return result

        return timed_product

    tree = ast.parse(inspect.getsource(attention))
    scope = {**vars(attention)}
    exec(compile(AtSigns().visit(tree), attention.__file__, "exec"), scope)
    own = [f for f in vars(attention).values() if inspect.isfunction(f)]
    codes = {f: f.__code__ for f in own if f.__module__ == attention.__name__}
    contract = layers.contract
    try:
        attention.timed_product = timed(np.matmul)
        layers.contract = timed(contract)
        for function in codes:
            function.__code__ = scope[function.__name__].__code__
        yield seconds
    finally:
        layers.contract = contract
        for function, code in codes.items():
            function.__code__ = code


class AtSigns(ast.NodeTransformer):
    """Turns a @ b into timed_product(a, b)."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        name = ast.Name("timed_product", ast.Load())
        call = ast.Call(name, [node.left, node.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def share_of_products(run: Run, steps: int) -> float:
    """The part of a step that is matrix products."""
    with timed_products() as seconds:
        milliseconds = run.time(steps)
    return sum(seconds) * 1000 / (milliseconds * steps)


# ---- what the page of the bench asks for ---------------------------------------------

RUNS: dict[str, Run] = {}


def begin(run: str, shape: dict[str, int], only_places: bool) -> None:
    """A new run, known by its name."""
    RUNS[run] = Run(Shape(**shape), only_places)


def start(run: str) -> dict:
    """What a peer starts from, if this run has not made a step."""
    return RUNS[run].start()


def losses(run: str, steps: int) -> list[float]:
    """The losses of the next steps."""
    return [RUNS[run].step() for _ in range(steps)]


def time_steps(run: str, steps: int) -> float:
    """Milliseconds a step."""
    return RUNS[run].time(steps)


def products(run: str, steps: int) -> float:
    """The part of a step that is matrix products."""
    return share_of_products(RUNS[run], steps)


def versions() -> dict[str, str]:
    """Of the interpreter and numpy."""
    return {"python": platform.python_version(), "numpy": np.__version__}
