// The standard model in plain JavaScript: typed arrays, all allocated once, and loops in
// the order that was found fastest. What it computes is what pysrc/fishformer does.
// One file, for it is one thing to read: a model and the loops it calls.
//
// Names as there: B sentences, T words, N = B T, D width, H heads, F hidden, V words.

const EPS = 1e-5; // of a layer norm
const [BETA_1, BETA_2, ADAM_EPS] = [0.9, 0.999, 1e-8];

// ---- matrix products ----------------------------------------------------------------

/** out = x w: (N, I), (I, O) -> (N, O). */
function product(out, x, w, N, I, O) {
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      let sum = 0;
      for (let i = 0; i < I; i++) sum += x[n * I + i] * w[i * O + o];
      out[n * O + o] = sum;
    }
  }
}

/** dx = dy w^T: (N, O), (I, O) -> (N, I). */
function productOfRows(dx, dy, w, N, I, O) {
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < I; i++) {
      let sum = 0;
      for (let o = 0; o < O; o++) sum += dy[n * O + o] * w[i * O + o];
      dx[n * I + i] = sum;
    }
  }
}

/** dw += x^T dy: (N, I), (N, O) -> (I, O). */
function productOfColumns(dw, x, dy, N, I, O) {
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < I; i++) {
      const a = x[n * I + i];
      for (let o = 0; o < O; o++) dw[i * O + o] += a * dy[n * O + o];
    }
  }
}

export const SIMPLE = { product, productOfRows, productOfColumns };

// ---- layer norm -----------------------------------------------------------------------

function normForward(y, normed, invStd, x, gain, bias, N, D) {
  for (let n = 0; n < N; n++) {
    const row = n * D;
    let mean = 0, variance = 0;
    for (let d = 0; d < D; d++) mean += x[row + d];
    mean /= D;
    for (let d = 0; d < D; d++) variance += (x[row + d] - mean) ** 2;
    invStd[n] = 1 / Math.sqrt(variance / D + EPS);
    for (let d = 0; d < D; d++) {
      normed[row + d] = (x[row + d] - mean) * invStd[n];
      y[row + d] = gain[d] * normed[row + d] + bias[d];
    }
  }
}

function normBackward(dx, dy, normed, invStd, gain, dgain, dbias, N, D) {
  for (let n = 0; n < N; n++) {
    const row = n * D;
    let mean = 0, along = 0;
    for (let d = 0; d < D; d++) {
      const at = row + d, dnormed = dy[at] * gain[d];
      dgain[d] += dy[at] * normed[at];
      dbias[d] += dy[at];
      mean += dnormed;
      along += dnormed * normed[at];
    }
    mean /= D;
    along /= D;
    for (let d = 0; d < D; d++) {
      dx[row + d] = invStd[n] * (dy[row + d] * gain[d] - mean - normed[row + d] * along);
    }
  }
}

// ---- small helpers ----------------------------------------------------------------------

function addRows(y, bias, N, O) {
  for (let n = 0; n < N; n++) for (let o = 0; o < O; o++) y[n * O + o] += bias[o];
}

function sumRows(dbias, dy, N, O) {
  for (let n = 0; n < N; n++) for (let o = 0; o < O; o++) dbias[o] += dy[n * O + o];
}

function add(out, a, b) {
  for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
}

// ---- the model ------------------------------------------------------------------------------

export class Model {
  /** shape: batch, length, width ...; start: what tests/bench/ours.py hands over. */
  constructor(shape, start, kernels) {
    Object.assign(this, { shape, start, kernels, steps: 0 });
    const { batch: B, length: T, width: D, heads: H, layers: L, hidden: F, words: V } = shape;
    const N = B * T, floats = (count) => new Float32Array(count);
    this.buffer = Float32Array.from(start.weights);
    this.gradient = floats(this.buffer.length);
    this.m = floats(this.buffer.length);
    this.v = floats(this.buffer.length);
    this.p = named(this.buffer, start.shapes);
    this.g = named(this.gradient, start.shapes);
    const norm = () => ({ normed: floats(N * D), invStd: floats(N), out: floats(N * D) });
    this.embedded = floats(N * D);
    this.lnEmb = norm();
    this.blocks = Array.from({ length: L }, () => ({
      q: floats(N * D), k: floats(N * D), v: floats(N * D), weights: floats(B * H * T * T),
      mixed: floats(N * D), summed: floats(N * D), ln1: norm(),
      before: floats(N * F), hidden: floats(N * F), ln2: norm(),
    }));
    this.atGaps = floats(B * D);
    this.probs = floats(B * V);
    this.dx = floats(N * D);
    for (const name of ["dq", "dk", "dv", "dmixed", "dsummed", "dinside"]) this[name] = floats(N * D);
    this.dhidden = floats(N * F);
    this.dweights = floats(T);
  }

  /** One update; returns the loss before it. */
  step() {
    const batch = this.start.batches[this.steps++ % this.start.batches.length];
    const loss = this.forward(batch);
    this.backward(batch);
    this.update();
    return loss;
  }

  forward({ token_ids, positions, targets }) {
    const { p, kernels, lnEmb, embedded, atGaps, probs } = this;
    const { batch: B, length: T, width: D, words: V } = this.shape;
    const N = B * T;
    for (let n = 0; n < N; n++) {
      const word = token_ids[Math.floor(n / T)][n % T] * D, position = (n % T) * D;
      for (let d = 0; d < D; d++) embedded[n * D + d] = p.tok_emb[word + d] + p.pos_emb[position + d];
    }
    normForward(lnEmb.out, lnEmb.normed, lnEmb.invStd, embedded, p["ln_emb.gain"], p["ln_emb.bias"], N, D);
    let x = lnEmb.out;
    this.blocks.forEach((block, l) => { x = this.blockForward(block, `layer_${l + 1}.`, x); });
    for (let b = 0; b < B; b++) {
      const from = (b * T + positions[b]) * D;
      for (let d = 0; d < D; d++) atGaps[b * D + d] = x[from + d];
    }
    kernels.product(probs, atGaps, p.w_vocab, B, D, V);
    addRows(probs, p.b_vocab, B, V);
    let loss = 0;
    for (let b = 0; b < B; b++) {
      softmax(probs, b * V, V);
      loss -= Math.log(probs[b * V + targets[b]]);
    }
    return loss / B;
  }

  blockForward(block, name, x) {
    const { p, kernels } = this;
    const { q, k, v, mixed, summed, ln1, before, hidden, ln2 } = block;
    const { batch: B, length: T, width: D, hidden: F } = this.shape;
    const N = B * T;
    block.x = x;
    kernels.product(q, x, p[name + "w_q"], N, D, D);
    kernels.product(k, x, p[name + "w_k"], N, D, D);
    kernels.product(v, x, p[name + "w_v"], N, D, D);
    this.attend(block);
    kernels.product(summed, mixed, p[name + "w_o"], N, D, D);
    add(summed, summed, x);
    normForward(ln1.out, ln1.normed, ln1.invStd, summed, p[name + "ln_1.gain"], p[name + "ln_1.bias"], N, D);
    kernels.product(before, ln1.out, p[name + "w_in"], N, D, F);
    addRows(before, p[name + "b_in"], N, F);
    for (let i = 0; i < N * F; i++) hidden[i] = before[i] > 0 ? before[i] : 0;
    kernels.product(summed, hidden, p[name + "w_out"], N, F, D);
    addRows(summed, p[name + "b_out"], N, D);
    add(summed, summed, ln1.out);
    normForward(ln2.out, ln2.normed, ln2.invStd, summed, p[name + "ln_2.gain"], p[name + "ln_2.bias"], N, D);
    return ln2.out;
  }

  /** mixed = softmax(q k^T / sqrt(Dh)) v in every head. */
  attend({ q, k, v, weights, mixed }) {
    const { batch: B, length: T, width: D, heads: H } = this.shape;
    const Dh = D / H, scale = 1 / Math.sqrt(Dh);
    for (let b = 0; b < B; b++) for (let h = 0; h < H; h++) for (let t = 0; t < T; t++) {
      const row = ((b * H + h) * T + t) * T, from = (b * T + t) * D + h * Dh;
      for (let s = 0; s < T; s++) {
        const to = (b * T + s) * D + h * Dh;
        let score = 0;
        for (let d = 0; d < Dh; d++) score += q[from + d] * k[to + d];
        weights[row + s] = score * scale;
      }
      softmax(weights, row, T);
      for (let d = 0; d < Dh; d++) mixed[from + d] = 0;
      for (let s = 0; s < T; s++) {
        const share = weights[row + s], to = (b * T + s) * D + h * Dh;
        for (let d = 0; d < Dh; d++) mixed[from + d] += share * v[to + d];
      }
    }
  }

  backward({ token_ids, positions, targets }) {
    const { p, g, kernels, probs, dx, dmixed, lnEmb } = this;
    const { batch: B, length: T, width: D, words: V } = this.shape;
    const N = B * T;
    this.gradient.fill(0);
    for (let b = 0; b < B; b++) probs[b * V + targets[b]] -= 1;
    for (let i = 0; i < B * V; i++) probs[i] /= B;
    sumRows(g.b_vocab, probs, B, V);
    kernels.productOfColumns(g.w_vocab, this.atGaps, probs, B, D, V);
    kernels.productOfRows(dmixed, probs, p.w_vocab, B, D, V);
    dx.fill(0);
    for (let b = 0; b < B; b++) {
      const to = (b * T + positions[b]) * D;
      for (let d = 0; d < D; d++) dx[to + d] = dmixed[b * D + d];
    }
    for (let l = this.blocks.length; l > 0; l--) this.blockBackward(this.blocks[l - 1], `layer_${l}.`);
    normBackward(dx, dx, lnEmb.normed, lnEmb.invStd, p["ln_emb.gain"], g["ln_emb.gain"], g["ln_emb.bias"], N, D);
    for (let n = 0; n < N; n++) {
      const word = token_ids[Math.floor(n / T)][n % T] * D, position = (n % T) * D;
      for (let d = 0; d < D; d++) {
        g.tok_emb[word + d] += dx[n * D + d];
        g.pos_emb[position + d] += dx[n * D + d];
      }
    }
  }

  /** Turns this.dx, the gradient of the block's output, into that of its input. */
  blockBackward(block, name) {
    const { p, g, kernels, dx, dq, dk, dv, dmixed, dsummed, dinside, dhidden } = this;
    const { x, mixed, ln1, before, hidden, ln2 } = block;
    const { batch: B, length: T, width: D, hidden: F } = this.shape;
    const N = B * T;
    normBackward(dsummed, dx, ln2.normed, ln2.invStd, p[name + "ln_2.gain"], g[name + "ln_2.gain"], g[name + "ln_2.bias"], N, D);
    sumRows(g[name + "b_out"], dsummed, N, D);
    kernels.productOfColumns(g[name + "w_out"], hidden, dsummed, N, F, D);
    kernels.productOfRows(dhidden, dsummed, p[name + "w_out"], N, F, D);
    for (let i = 0; i < N * F; i++) if (before[i] <= 0) dhidden[i] = 0;
    sumRows(g[name + "b_in"], dhidden, N, F);
    kernels.productOfColumns(g[name + "w_in"], ln1.out, dhidden, N, D, F);
    kernels.productOfRows(dinside, dhidden, p[name + "w_in"], N, D, F);
    add(dx, dsummed, dinside);
    normBackward(dsummed, dx, ln1.normed, ln1.invStd, p[name + "ln_1.gain"], g[name + "ln_1.gain"], g[name + "ln_1.bias"], N, D);
    kernels.productOfColumns(g[name + "w_o"], mixed, dsummed, N, D, D);
    kernels.productOfRows(dmixed, dsummed, p[name + "w_o"], N, D, D);
    this.attendBackward(block);
    dx.set(dsummed);
    for (const [dy, w] of [[dq, "w_q"], [dk, "w_k"], [dv, "w_v"]]) {
      kernels.productOfColumns(g[name + w], x, dy, N, D, D);
      kernels.productOfRows(dinside, dy, p[name + w], N, D, D);
      add(dx, dx, dinside);
    }
  }

  attendBackward({ q, k, v, weights }) {
    const { dq, dk, dv, dmixed, dweights } = this;
    const { batch: B, length: T, width: D, heads: H } = this.shape;
    const Dh = D / H, scale = 1 / Math.sqrt(Dh);
    for (const array of [dq, dk, dv]) array.fill(0);
    for (let b = 0; b < B; b++) for (let h = 0; h < H; h++) for (let t = 0; t < T; t++) {
      const row = ((b * H + h) * T + t) * T, from = (b * T + t) * D + h * Dh;
      let along = 0;
      for (let s = 0; s < T; s++) {
        const share = weights[row + s], to = (b * T + s) * D + h * Dh;
        let sum = 0;
        for (let d = 0; d < Dh; d++) {
          sum += dmixed[from + d] * v[to + d];
          dv[to + d] += share * dmixed[from + d];
        }
        dweights[s] = sum;
        along += share * sum;
      }
      for (let s = 0; s < T; s++) {
        const dscore = weights[row + s] * (dweights[s] - along) * scale, to = (b * T + s) * D + h * Dh;
        for (let d = 0; d < Dh; d++) {
          dq[from + d] += dscore * k[to + d];
          dk[to + d] += dscore * q[from + d];
        }
      }
    }
  }

  /** Clip the gradient, then Adam. */
  update() {
    const { buffer, gradient, m, v, start, steps } = this;
    let squares = 0;
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] ** 2;
    const shorten = Math.min(1, start.clip / Math.sqrt(squares));
    const rate = start.learning_rate / (1 - BETA_1 ** steps), correction = 1 / (1 - BETA_2 ** steps);
    for (let i = 0; i < buffer.length; i++) {
      const g = gradient[i] * shorten;
      m[i] += (1 - BETA_1) * (g - m[i]);
      v[i] += (1 - BETA_2) * (g * g - v[i]);
      buffer[i] -= (rate * m[i]) / (Math.sqrt(v[i] * correction) + ADAM_EPS);
    }
  }
}

/** exp(s) / sum exp(s) over `count` numbers, in place. */
function softmax(array, first, count) {
  let most = -Infinity, total = 0;
  for (let i = first; i < first + count; i++) if (array[i] > most) most = array[i];
  for (let i = first; i < first + count; i++) total += array[i] = Math.exp(array[i] - most);
  for (let i = first; i < first + count; i++) array[i] /= total;
}

/** Views of one buffer, by name. */
function named(buffer, shapes) {
  let from = 0;
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return [name, buffer.subarray(from, (from += count))];
  }));
}
