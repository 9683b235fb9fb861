import { serveModel } from "./serve.mjs";
import { Model, begin, version } from "./tensorflow.mjs";

serveModel(
  async () => (await begin(self.name), version),
  (shape, start) => new Model(shape, start),
);
