"""The first twenty losses of the default run, as they were when it was last looked at.

A change here means that the run of every visitor changes: on purpose, or by mistake.
"""

import numpy as np

from fishformer.config import Config
from fishformer.training import train

GOLDEN = """
5.18670 5.23213 5.17227 5.21688 5.10298
5.16851 5.09004 5.05413 5.03643 5.03163
4.98000 5.07664 4.94655 4.96093 4.90499
4.86648 4.93505 4.88474 4.70869 4.86432
"""


def test_the_first_twenty_losses(fish):
    reports = train(Config(steps=19), fish)
    losses = [report.loss for report in reports]
    np.testing.assert_allclose(losses, [float(x) for x in GOLDEN.split()], rtol=1e-4)
