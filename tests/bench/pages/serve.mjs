// What every worker of the bench shares: questions in, answers out.

/** Answer each question by the function of its name. */
export function serve(functions) {
  addEventListener("message", async ({ data: { id, name, given } }) => {
    try {
      postMessage({ id, answer: await functions[name](given) });
    } catch (error) {
      postMessage({ id, error: String(error.stack ?? error) });
    }
  });
}

/** The questions that a model in JavaScript answers. */
export function serveModel(begin, makeModel) {
  let model = null;
  serve({
    begin,
    model: ({ shape, start }) => { model = makeModel(shape, start); },
    losses: ({ steps }) => Array.from({ length: steps }, () => model.step()),
    time({ steps }) {
      const began = performance.now();
      for (let n = 0; n < steps; n++) model.step();
      return (performance.now() - began) / steps;
    },
  });
}
