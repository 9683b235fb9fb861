// The standard model in TensorFlow.js: its layers from tf's operations, their gradients and
// Adam from the library. The wasm backend has no kernel for the gradient of tf.gather:
// words are looked up by a product with one-hot rows, which is the quickest way around.
import "/tf/tf.min.js";
import "/tf/tf-backend-wasm.min.js";

const { tf } = globalThis;
const EPS = 1e-5; // of a layer norm

/** Load a backend: "wasm" (SIMD, one thread, as without cross-origin isolation) or "cpu". */
export async function begin(backend) {
  tf.wasm.setWasmPaths("/tf/");
  await tf.setBackend(backend);
  await tf.ready();
}

export class Model {
  constructor(shape, start) {
    Object.assign(this, { shape, start, steps: 0 });
    tf.disposeVariables(); // those of the model before
    this.adam = tf.train.adam(start.learning_rate, 0.9, 0.999, 1e-8);
    this.p = {};
    let from = 0;
    for (const [name, size] of Object.entries(start.shapes)) {
      const count = size.reduce((product, length) => product * length, 1);
      this.p[name] = tf.variable(tf.tensor(start.weights.slice(from, (from += count)), size), true, name);
    }
    this.batches = start.batches.map(({ token_ids, positions, targets }) => ({
      words: tf.keep(tf.oneHot(tf.tensor2d(token_ids, undefined, "int32").flatten(), shape.words)),
      gaps: tf.keep(tf.oneHot(tf.tensor1d(positions, "int32"), shape.length).expandDims(1)),
      targets: tf.keep(tf.oneHot(tf.tensor1d(targets, "int32"), shape.words)),
    }));
    for (const batch of this.batches) for (const name in batch) batch[name] = tf.keep(batch[name].toFloat());
  }

  /** One update; returns the loss before it. */
  step() {
    const batch = this.batches[this.steps++ % this.batches.length];
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => this.loss(batch));
      const squares = Object.values(grads).map((grad) => grad.square().sum());
      const shorten = tf.minimum(1, tf.div(this.start.clip, tf.addN(squares).sqrt()));
      for (const name in grads) grads[name] = grads[name].mul(shorten);
      this.adam.applyGradients(grads);
      return value;
    });
    const [number] = loss.dataSync();
    loss.dispose();
    return number;
  }

  loss({ words, gaps, targets }) {
    const { p } = this;
    const { batch: B, length: T, width: D, layers: L } = this.shape;
    const embedded = tf.matMul(words, p.tok_emb).reshape([B, T, D]).add(p.pos_emb).reshape([B * T, D]);
    let x = this.norm(embedded, "ln_emb");
    for (let l = 1; l <= L; l++) x = this.block(x, `layer_${l}.`);
    const atGaps = tf.matMul(gaps, x.reshape([B, T, D])).reshape([B, D]);
    const logits = tf.matMul(atGaps, p.w_vocab).add(p.b_vocab);
    return tf.logSumExp(logits, 1).sub(logits.mul(targets).sum(1)).mean();
  }

  block(x, name) {
    const { p } = this;
    const attended = this.norm(x.add(this.attend(x, name)), `${name}ln_1`);
    const hidden = tf.matMul(attended, p[`${name}w_in`]).add(p[`${name}b_in`]).relu();
    const out = tf.matMul(hidden, p[`${name}w_out`]).add(p[`${name}b_out`]);
    return this.norm(attended.add(out), `${name}ln_2`);
  }

  attend(x, name) {
    const { batch: B, length: T, width: D, heads: H } = this.shape;
    const heads = (w) => tf.matMul(x, this.p[name + w]).reshape([B, T, H, D / H]).transpose([0, 2, 1, 3]);
    const scores = tf.matMul(heads("w_q"), heads("w_k"), false, true).mul(1 / Math.sqrt(D / H));
    const mixed = tf.matMul(tf.softmax(scores), heads("w_v"));
    return tf.matMul(mixed.transpose([0, 2, 1, 3]).reshape([B * T, D]), this.p[`${name}w_o`]);
  }

  norm(x, name) {
    const centred = x.sub(x.mean(1, true));
    const normed = centred.mul(centred.square().mean(1, true).add(EPS).rsqrt());
    return normed.mul(this.p[`${name}.gain`]).add(this.p[`${name}.bias`]);
  }
}

export const version = tf.version_core;
