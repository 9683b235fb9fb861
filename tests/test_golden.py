"""The first twenty losses of the default run, as they were when it was last looked at.

A change here means that the run of every visitor changes: on purpose, or by mistake.
"""

import numpy as np

from fishformer.config import Config
from fishformer.training import train

GOLDEN = """
5.26198 5.23971 5.17527 5.16236 5.14712
5.13103 5.18852 5.12178 5.07877 5.09137
5.08877 4.97160 4.98562 5.09555 4.89354
4.89034 4.82353 4.88444 4.99347 4.87775
"""


def test_the_first_twenty_losses(fish):
    reports = train(Config(steps=19), fish)
    losses = [report.loss for report in reports]
    np.testing.assert_allclose(losses, [float(x) for x in GOLDEN.split()], rtol=1e-4)
