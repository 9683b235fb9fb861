"""Recurrent layers: word after word rewrites one state, all there is of a memory.

What a state knows of an early word has gone through every step in between. To learn,
the gradient has to come back the same way (back-propagation through time), and it
may fade on it.

Shapes: B sentences, T words, D d_model, which is the length of a state too.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fishformer.layers import contract, linear_backward, linear_forward

Weights = dict[str, np.ndarray]


# ---- Elman's network: the new state is a blend of the word and the old one --------


class ElmanCache(NamedTuple):
    """Every intermediate of one layer."""

    x: np.ndarray  # (B, T, D) what the layer reads
    states: np.ndarray  # (B, T, D) h after each word


def elman_forward(x: np.ndarray, p: Weights) -> tuple[np.ndarray, ElmanCache]:
    """h_t = tanh(x_t w_xh + h_(t-1) w_hh + b_h), from h_0 = 0: x (B, T, D) -> states.

    Source: Elman 1990, "Finding structure in time".
    """
    B, T, D = x.shape
    from_words = linear_forward(x, p["w_xh"], p["b_h"])  # of all words at once
    states = np.empty_like(x)
    h = np.zeros((B, D), x.dtype)
    for t in range(T):
        h = np.tanh(from_words[:, t] + contract(h, p["w_hh"]))
        states[:, t] = h
    return states, ElmanCache(x, states)


def elman_backward(
    dstates: np.ndarray, cache: ElmanCache, p: Weights, grads: Weights
) -> np.ndarray:
    """Undo elman_forward, last word first; returns dx."""
    x, states = cache
    slope = 1 - states * states  # of tanh
    dsums = np.empty_like(x)
    dh = np.zeros_like(x[:, 0])  # what the words after t make of h_t
    for t in reversed(range(x.shape[1])):
        # h_t = tanh(sums_t); sums_t = x_t w_xh + h_(t-1) w_hh + b_h
        dsums[:, t] = (dstates[:, t] + dh) * slope[:, t]
        dh = contract(dsums[:, t], p["w_hh"].T)
    return sums_backward(dsums, x, states, p, grads)


def sums_backward(
    dsums: np.ndarray, x: np.ndarray, states: np.ndarray, p: Weights, grads: Weights
) -> np.ndarray:
    """From sums_t = x_t w_xh + h_(t-1) w_hh + b_h, all words at once; returns dx.

    The same matrices served at every word, so their gradients add up over the words.
    """
    before = np.zeros_like(states)  # h_(t-1)
    before[:, 1:] = states[:, :-1]
    flat_before = before.reshape(-1, before.shape[2])
    grads["w_hh"] += contract(flat_before.T, dsums.reshape(len(flat_before), -1))
    return linear_backward(dsums, x, p["w_xh"], grads["w_xh"], grads["b_h"])


# ---- LSTM: a second state, the cells, which gates open and shut ---------------------


class LSTMCache(NamedTuple):
    """Every intermediate of one layer."""

    x: np.ndarray  # (B, T, D) what the layer reads
    gates: np.ndarray  # (B, T, 4, D) i, f and o, each 0 to 1, and g, -1 to 1
    cells: np.ndarray  # (B, T, D) c after each word: what is kept
    states: np.ndarray  # (B, T, D) h after each word: what is shown of it


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)): how far a gate is open; by tanh, which cannot overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def lstm_forward(x: np.ndarray, p: Weights) -> tuple[np.ndarray, LSTMCache]:
    """c_t = f c_(t-1) + i g and h_t = o tanh(c_t): x (B, T, D) -> states (B, T, D).

    i lets in, f keeps and o shows; the three and what may come in, g, are made from
    x_t w_xh + h_(t-1) w_hh + b_h, side by side in this order: i, f, o, g.
    Source: Hochreiter and Schmidhuber 1997; f: Gers, Schmidhuber and Cummins 2000.
    """
    B, T, D = x.shape
    from_words = linear_forward(x, p["w_xh"], p["b_h"])  # of all words at once
    gates = np.empty((B, T, 4, D), x.dtype)
    cells, states = np.empty_like(x), np.empty_like(x)
    h = c = np.zeros((B, D), x.dtype)
    for t in range(T):
        sums = (from_words[:, t] + contract(h, p["w_hh"])).reshape(B, 4, D)
        gates[:, t, :3] = sigmoid(sums[:, :3])
        gates[:, t, 3] = np.tanh(sums[:, 3])
        i, f, o, g = gates[:, t].swapaxes(0, 1)
        cells[:, t] = c = f * c + i * g
        states[:, t] = h = o * np.tanh(c)
    return states, LSTMCache(x, gates, cells, states)


def lstm_backward(
    dstates: np.ndarray, cache: LSTMCache, p: Weights, grads: Weights
) -> np.ndarray:
    """Undo lstm_forward, last word first; returns dx."""
    x, gates, cells, states = cache
    B, T, D = x.shape
    shown = np.tanh(cells)
    slope = gates * (1 - gates)  # of sigmoid
    slope[:, :, 3] = 1 - gates[:, :, 3] ** 2  # of tanh
    dsums = np.empty((B, T, 4 * D), x.dtype)
    dgates = np.empty((B, 4, D), x.dtype)
    dh = dc = np.zeros((B, D), x.dtype)  # what the words after t make of h_t, c_t
    for t in reversed(range(T)):
        i, f, o, g = gates[:, t].swapaxes(0, 1)
        # h_t = o tanh(c_t)
        dh = dstates[:, t] + dh
        dgates[:, 2] = dh * shown[:, t]
        dc = dc + dh * o * (1 - shown[:, t] ** 2)
        # c_t = f c_(t-1) + i g
        dgates[:, 0] = dc * g
        dgates[:, 1] = dc * cells[:, t - 1] if t else 0
        dgates[:, 3] = dc * i
        dc = dc * f
        # i, f, o = sigmoid(sums_t), g = tanh(sums_t)
        dsums[:, t] = (dgates * slope[:, t]).reshape(B, 4 * D)
        dh = contract(dsums[:, t], p["w_hh"].T)
    return sums_backward(dsums, x, states, p, grads)


# ---- the two kinds -----------------------------------------------------------------


class Cell(NamedTuple):
    """One kind of recurrent layer."""

    forward: Callable[[np.ndarray, Weights], tuple[np.ndarray, Any]]
    backward: Callable[[np.ndarray, Any, Weights, Weights], np.ndarray]
    K: int  # sums for each number of the state


CELLS = {
    "elman": Cell(elman_forward, elman_backward, 1),
    "lstm": Cell(lstm_forward, lstm_backward, 4),
}


Layers = tuple[ElmanCache | LSTMCache, ...]
