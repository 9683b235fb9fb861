"""The standard model in PyTorch, eager, as one would write it for speed.

One projection for queries, keys and values, scaled_dot_product_attention and the fused
Adam: the fastest of the ways tried. Every intermediate is left to autograd.
"""

import time

import torch
from ours import Run
from standard import Shape
from torch import nn
from torch.nn import functional as F

from fishformer.tokenizer import PAD

torch.set_num_threads(1)

Places = tuple[torch.Tensor, torch.Tensor]


class Block(nn.Module):
    """Attention and feed-forward, each added and normalised (post-norm)."""

    def __init__(self, shape: Shape):
        super().__init__()
        D, self.n_heads = shape.width, shape.heads
        self.qkv = nn.Linear(D, 3 * D, bias=False)
        self.out = nn.Linear(D, D, bias=False)
        self.ln_1, self.ln_2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.feed_in = nn.Linear(D, shape.hidden)
        self.feed_out = nn.Linear(shape.hidden, D)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, places: Places | None):
        """(B, T, D) -> the same, or (B, 1, D) at one place of each sentence."""
        if places is None:
            q, k, v = self.qkv(x).chunk(3, dim=-1)
        else:
            D = x.shape[-1]
            k, v = F.linear(x, self.qkv.weight[D:]).chunk(2, dim=-1)
            x = x[places][:, None]
            q = F.linear(x, self.qkv.weight[:D])
        q, k, v = map(self.split_heads, (q, k, v))
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.ln_1(x + self.out(heads.transpose(1, 2).reshape(x.shape)))
        return self.ln_2(x + self.feed_out(F.relu(self.feed_in(x))))

    def split_heads(self, x: torch.Tensor) -> torch.Tensor:
        B, T, D = x.shape
        return x.view(B, T, self.n_heads, D // self.n_heads).transpose(1, 2)


class Encoder(nn.Module):
    """Word scores at one place of each sentence."""

    def __init__(self, shape: Shape, only_places: bool):
        super().__init__()
        D = shape.width
        self.only_places = only_places
        self.tok_emb = nn.Embedding(shape.words, D)
        self.pos_emb = nn.Parameter(torch.zeros(shape.length, D))
        self.ln_emb = nn.LayerNorm(D)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.vocab = nn.Linear(D, shape.words)

    def forward(self, token_ids: torch.Tensor, places: Places) -> torch.Tensor:
        mask = torch.where(token_ids == PAD, -torch.inf, 0.0)[:, None, None, :]
        x = self.ln_emb(self.tok_emb(token_ids) + self.pos_emb)
        last = self.blocks[-1]
        for block in self.blocks:
            x = block(x, mask, places if self.only_places and block is last else None)
        return self.vocab(x[:, 0] if self.only_places else x[places])


class TorchRun:
    """The counterpart of ours.Run, from the weights and with the batches of one."""

    def __init__(self, shape: Shape, run: Run):
        start = run.start()
        self.model = Encoder(shape, run.only_places)
        copy_weights(self.model, run)
        self.parameters = list(self.model.parameters())
        rate = start["learning_rate"]
        self.adam = torch.optim.Adam(self.parameters, lr=rate, fused=True)
        self.clip = start["clip"]
        self.batches = [
            (
                torch.tensor(batch.token_ids),
                (torch.tensor(batch.places[0]), torch.tensor(batch.places[1])),
                torch.tensor(batch.targets),
            )
            for batch in run.batches
        ]
        self.steps = 0

    def step(self) -> float:
        """One update; the loss before it."""
        token_ids, places, targets = self.batches[self.steps % len(self.batches)]
        self.steps += 1
        loss = F.cross_entropy(self.model(token_ids, places), targets)
        self.adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.adam.step()
        return loss.item()

    def time(self, steps: int) -> float:
        """Milliseconds a step."""
        began = time.perf_counter()
        for _ in range(steps):
            self.step()
        return (time.perf_counter() - began) / steps * 1000


@torch.no_grad()
def copy_weights(model: Encoder, run: Run) -> None:
    """Start where our own model stands."""

    def put(parameter: torch.Tensor, *names: str) -> None:
        views = [torch.tensor(run.model.params[name].T) for name in names]
        parameter.copy_(torch.cat(views))

    def put_norm(norm: nn.LayerNorm, name: str) -> None:
        put(norm.weight, f"{name}.gain")
        put(norm.bias, f"{name}.bias")

    model.tok_emb.weight.copy_(torch.tensor(run.model.params["tok_emb"]))
    model.pos_emb.copy_(torch.tensor(run.model.params["pos_emb"]))
    put_norm(model.ln_emb, "ln_emb")
    for number, block in enumerate(model.blocks, start=1):
        name = f"layer_{number}"
        put(block.qkv.weight, f"{name}.w_q", f"{name}.w_k", f"{name}.w_v")
        put(block.out.weight, f"{name}.w_o")
        put_norm(block.ln_1, f"{name}.ln_1")
        put_norm(block.ln_2, f"{name}.ln_2")
        put(block.feed_in.weight, f"{name}.w_in")
        put(block.feed_in.bias, f"{name}.b_in")
        put(block.feed_out.weight, f"{name}.w_out")
        put(block.feed_out.bias, f"{name}.b_out")
    put(model.vocab.weight, "w_vocab")
    put(model.vocab.bias, "b_vocab")
