"""The live run as it stands, in each of the formats that it can be taken home in."""

import json

from fishformer.exporting.names import stem
from fishformer.exporting.notebook import to_notebook
from fishformer.exporting.record import to_record
from fishformer.exporting.script import Recipe, to_script
from fishformer.exporting.sources import data_files, sources
from fishformer.exporting.weights import to_npz, to_safetensors
from fishformer.runs import Run
from fishformer.timeline import Timeline


class Taken:
    """A run that is up to date, and the timeline that is it."""

    def __init__(self, run: Run, timeline: Timeline):
        self.run, self.timeline = run, timeline
        self.stem = stem(run.config, timeline.step, bool(run.edits))

    def as_file(self, ending: str) -> str | bytes:
        """The content of the file. Raises ValueError where it cannot be."""
        if ending == "npz":
            return to_npz(self.run, self.timeline.trainer)
        if ending == "safetensors":
            return to_safetensors(self.run, self.timeline.trainer)
        if ending == "json":
            record = to_record(self.run, self.run.losses)
            return json.dumps(record, indent=1, allow_nan=False) + "\n"
        if ending == "py":
            return to_script(self._recipe(), f"{self.stem}.py")
        if ending == "ipynb":
            return to_notebook(self._recipe(), self.stem)
        raise ValueError(f"There is no file that ends in {ending!r:.20}.")

    def _recipe(self) -> Recipe:
        run = self.run
        if run.base:
            raise ValueError(
                f"This run began from weights in a file, at step {run.base:,}, and not "
                "from its seed: no script can make it again. Save its weights instead."
            )
        code = sources(run.edits)
        data = data_files(code) if run.text is None else {}
        losses = run.losses[: self.timeline.step + 1]
        edited = sorted(set(run.edits) & set(code))  # others do not touch the training
        return Recipe(run.config, run.text, edited, losses, code, data)
