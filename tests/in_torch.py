"""The models, from PyTorch's layers, with the weights of ours.

Its layers have some biases that ours have not; they stay zero and are not trained.
"""

from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fishformer.tokenizer import PAD

NOT_ASKED = -100  # a target that torch's loss ignores
ALL = slice(None)


class TorchStack(nn.Module):
    """Positions, a layer norm, and nn.TransformerEncoderLayer or DecoderLayer."""

    def __init__(self, config, max_len, *, causal, cross):
        super().__init__()
        D, self.causal, self.cross = config.d_model, causal, cross
        gelu = partial(functional.gelu, approximate="tanh")
        kind = nn.TransformerDecoderLayer if cross else nn.TransformerEncoderLayer
        self.pos_emb = nn.Parameter(torch.zeros(max_len, D))
        self.ln_emb = nn.LayerNorm(D)
        self.layers = nn.ModuleList(
            kind(
                D,
                config.n_heads,
                config.d_ff,
                dropout=0.0,
                activation=gelu if config.activation == "gelu" else functional.relu,
                batch_first=True,
                norm_first=config.norm == "pre",
            )
            for _ in range(config.n_layers)
        )
        self.ln_final = nn.LayerNorm(D) if config.norm == "pre" else nn.Identity()

    def forward(self, x, is_pad, memory=None, memory_is_pad=None):
        T = x.shape[1]
        x = self.ln_emb(x + self.pos_emb[:T])
        hidden = torch.ones(T, T, dtype=torch.bool).triu(1) if self.causal else None
        for layer in self.layers:
            if self.cross:
                x = layer(
                    x,
                    memory,
                    tgt_mask=hidden,
                    tgt_key_padding_mask=is_pad,
                    memory_key_padding_mask=memory_is_pad,
                )
            else:
                x = layer(x, src_mask=hidden, src_key_padding_mask=is_pad)
        return self.ln_final(x)

    def names(self, prefix):
        """Our name of every parameter, the tensor that holds it, and its rows there."""
        yield prefix + "pos_emb", self.pos_emb, ALL
        yield from norm_names(f"{prefix}ln_emb", self.ln_emb)
        if isinstance(self.ln_final, nn.LayerNorm):
            yield from norm_names(f"{prefix}ln_final", self.ln_final)
        for number, layer in enumerate(self.layers, start=1):
            inside = f"{prefix}layer_{number}."
            yield from attention_names(inside, layer.self_attn)
            norms = ["ln_1", "ln_2"]
            if self.cross:
                yield from attention_names(f"{inside}cross.", layer.multihead_attn)
                norms = ["ln_1", "ln_cross", "ln_2"]
            for k, norm in enumerate(norms, start=1):
                yield from norm_names(inside + norm, getattr(layer, f"norm{k}"))
            yield f"{inside}w_in", layer.linear1.weight, ALL
            yield f"{inside}b_in", layer.linear1.bias, ALL
            yield f"{inside}w_out", layer.linear2.weight, ALL
            yield f"{inside}b_out", layer.linear2.bias, ALL


def norm_names(name, norm):
    yield f"{name}.gain", norm.weight, ALL
    yield f"{name}.bias", norm.bias, ALL


def attention_names(prefix, attention):
    D = attention.embed_dim
    for k, name in enumerate(("w_q", "w_k", "w_v")):
        yield prefix + name, attention.in_proj_weight, slice(k * D, (k + 1) * D)
    yield f"{prefix}w_o", attention.out_proj.weight, ALL


class TorchCells(nn.Module):
    """nn.RNN or nn.LSTM; padding needs no mask."""

    def __init__(self, config):
        super().__init__()
        kind = nn.RNN if config.model == "elman" else nn.LSTM
        D, L = config.d_model, config.n_layers
        self.cells = kind(D, D, num_layers=L, batch_first=True)
        i, f, g, o = np.arange(4 * D).reshape(4, D)  # torch's order
        self.order = ALL if config.model == "elman" else np.concatenate((i, f, o, g))

    def forward(self, x, is_pad):
        return self.cells(x)[0]

    def names(self, prefix):
        """As in TorchStack."""
        for k in range(self.cells.num_layers):
            for ours, its in (("w_xh", "weight_ih"), ("w_hh", "weight_hh")):
                tensor = getattr(self.cells, f"{its}_l{k}")
                yield f"{prefix}layer_{k + 1}.{ours}", tensor, self.order
            bias = getattr(self.cells, f"bias_ih_l{k}")
            yield f"{prefix}layer_{k + 1}.b_h", bias, self.order


class TorchModel(nn.Module):
    """The counterpart of a model of ours, with its weights."""

    def __init__(self, ours, max_len):
        super().__init__()
        config, (V, D) = ours.config, ours.params["tok_emb"].shape
        self.tok_emb = nn.Embedding(V, D)
        self.w_vocab = nn.Linear(D, V)
        both = config.model == "encoder-decoder"
        if config.model in ("elman", "lstm"):
            self.stack = TorchCells(config)
        else:
            causal = config.model != "encoder"
            self.stack = TorchStack(config, max_len, causal=causal, cross=both)
        self.reader = None
        if both:
            self.reader = TorchStack(config, max_len, causal=False, cross=False)
        for tensor in self.parameters():
            tensor.data.zero_()
        for name, tensor, rows in self.names():
            tensor.data[rows] = torch.tensor(self.turned(name, ours.params[name]))
        known = {id(tensor) for _, tensor, _ in self.names()}
        for tensor in self.parameters():
            tensor.requires_grad_(id(tensor) in known)

    def names(self):
        """Our name of every parameter, the tensor that holds it, and its rows there."""
        yield "tok_emb", self.tok_emb.weight, ALL
        if self.reader is not None:
            yield from self.reader.names("encoder.")
        yield from self.stack.names("decoder." if self.reader is not None else "")
        yield "w_vocab", self.w_vocab.weight, ALL
        yield "b_vocab", self.w_vocab.bias, ALL

    @staticmethod
    def turned(name, array):
        """torch keeps its matrices transposed; embeddings are none."""
        return array.T if name.split(".")[-1].startswith("w_") else array

    def forward(self, token_ids, source_ids=None):
        """Scores at every word: (B, T) -> (B, T, V)."""
        read = ()
        if self.reader is not None:
            source_ids = torch.tensor(source_ids)
            is_pad = source_ids == PAD
            read = self.reader(self.tok_emb(source_ids), is_pad), is_pad
        token_ids = torch.tensor(token_ids)
        x = self.stack(self.tok_emb(token_ids), token_ids == PAD, *read)
        return self.w_vocab(x)

    def loss(self, batch):
        """torch's loss, told to ignore the words that are not asked for."""
        targets = np.full(batch.token_ids.shape, NOT_ASKED)
        targets[batch.places] = batch.targets
        logits = self(batch.token_ids, batch.source_ids)
        cross_entropy = nn.CrossEntropyLoss(ignore_index=NOT_ASKED)
        return cross_entropy(logits.flatten(0, 1), torch.tensor(targets).flatten())
