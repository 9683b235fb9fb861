"""A run to take home."""

import pytest
from carried import SMALL

from fishformer.exhibits.stage import Stage
from fishformer.exporting.taking import Taken


@pytest.fixture(scope="module")
def stage():
    """A page whose run has come to step 30 and stands at 20."""
    stage = Stage(SMALL)
    stage.open()
    while stage.timeline.step < 30:
        stage.work()
    stage.command("seek", 20)
    while stage.busy:
        stage.work()
    return stage


@pytest.fixture
def taken(stage):
    return Taken(stage.capture(), stage.timeline)
