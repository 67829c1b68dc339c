"""Whether a count is more than usual: an exact test against the counts of other periods.

What is usual is itself known from few periods, so the count of the period in question is compared with its
predictive distribution: negative binomial, of which the Poisson case with a known rate is the limit. Of a
rate with s events in m periods the relative variance is 1 / (s + ½) (Jeffreys' prior), so that an event that
was never seen before is improbable and not impossible. Where counts vary more from period to period than a
Poisson process does, the surplus a (variance = mean + a · mean²) of all cells together is added, for the
usual periods and for the one in question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, nbinom

Floats = NDArray[np.float64]
_HALF = 0.5  # Jeffreys' prior for the rate of a Poisson process


@dataclass(frozen=True, slots=True)
class Tested:
    """For each cell: the mean of the usual periods, the probability of as many or more (`p`), and the false
    discovery rate among these cells if it and all with a smaller p are called hot spots (`q`). `surplus`
    is 0 where a Poisson process explains all."""

    expected: Floats
    p: Floats
    q: Floats
    surplus: float


def tested(observed: NDArray[np.int64], usual: NDArray[np.int64]) -> Tested:
    """`observed`: n counts; `usual`: n × m counts of the periods that they are compared with, m > 0.

    False discovery is controlled by Benjamini and Hochberg's procedure (1995), which holds for independent
    and for positively dependent counts, such as a place's and a category's in it.
    """
    periods = usual.shape[1]
    events = usual.sum(axis=1).astype(np.float64)
    surplus = surplus_of(usual)
    shape = 1 / (1 / (events + _HALF) + surplus * (1 + 1 / periods))
    mean = (events + _HALF) / periods
    p = np.asarray(nbinom.sf(observed - 1, shape, shape / (shape + mean)), dtype=np.float64)
    q = np.asarray(false_discovery_control(p, method="bh"), dtype=np.float64) if p.size else p
    return Tested(events / periods, p, q, surplus)


def surplus_of(usual: NDArray[np.int64]) -> float:
    """a in variance = mean + a · mean², by the method of moments over all cells; 0 where it isn't positive
    or there is one period only."""
    periods = usual.shape[1]
    if periods < 2 or not usual.size:
        return 0.0
    means, variances = usual.mean(axis=1), usual.var(axis=1, ddof=1)
    squares = float(
        (means**2 - variances / periods).sum()
    )  # without bias for the squares of the rates
    return max(0.0, float((variances - means).sum()) / squares) if squares > 0 else 0.0
