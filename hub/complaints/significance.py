"""Whether a count is more than usual: an exact test against the counts of other periods.

What is usual is itself known from few periods, so a count is compared with its predictive distribution, in
which every rate that the usual periods allow has its weight. With s events in m periods and Jeffreys' prior
(½ an event, so that what never happened is improbable and not impossible) that is

- of a Poisson process a negative binomial distribution with size s + ½ and probability m / (m + 1);
- where counts vary more than that from period to period (variance = mean + a · mean²), so that they are
  negative binomial themselves with size r = 1/a, a beta negative binomial one with parameters r, m·r and
  s + ½.

a is estimated from all cells together, and its standard error added: with few cells it may be 0 by chance.
docs/complaints.md has how often the test is wrong without any hot spot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
_PRIOR = 0.5  # events, Jeffreys' prior for a rate
_LEAST = 1e-3  # surplus that makes a difference


@dataclass(frozen=True, slots=True)
class Judged:
    """For each cell: the mean of the usual periods, the probability of as many or more (`p`), and the false
    discovery rate among these cells if it and all with a smaller p are called hot spots (`q`). `surplus`
    is 0 where a Poisson process explains all."""

    expected: Floats
    p: Floats
    q: Floats
    surplus: float


def judged(observed: Counts, usual: Counts) -> Judged:
    """`observed`: n counts; `usual`: n × m counts of the periods that they are compared with, m > 0.

    False discovery is controlled by Benjamini and Hochberg's procedure (1995), which holds for independent
    and for positively dependent counts, such as a place's and a category's in it.
    """
    from scipy.stats import (  # slow to import: only where it is used
        false_discovery_control,
        nbinom,
    )

    periods = usual.shape[1]
    events = usual.sum(axis=1).astype(np.float64)
    surplus = surplus_of(usual)
    if surplus:
        p = _tail(observed, 1 / surplus, periods / surplus, events + _PRIOR)
    else:
        p = np.asarray(nbinom.sf(observed - 1, events + _PRIOR, periods / (periods + 1)))
    q = np.asarray(false_discovery_control(p, method="bh")) if p.size else p
    return Judged(events / periods, p, q, surplus)


def surplus_of(usual: Counts) -> float:
    """a in variance = mean + a · mean², by the method of moments over all cells, and one standard error
    more; 0 where that makes no difference, or where there is one period only."""
    periods = usual.shape[1]
    if periods < 2 or not usual.size:
        return 0.0
    means, variances = usual.mean(axis=1), usual.var(axis=1, ddof=1)
    squares = float((means**2 - variances / periods).sum())  # the rates' squares without bias
    if squares <= 0:
        return 0.0
    found = max(0.0, float((variances - means).sum()) / squares)
    # the variance of a sample's variance, as of a normal distribution
    spread = 2 * (means + found * means**2) ** 2 / (periods - 1)
    upper = found + float(np.sqrt(spread.sum())) / squares
    return upper if upper >= _LEAST else 0.0


def _tail(observed: Counts, size: float, a: float, b: Floats) -> Floats:
    """P(count ≥ observed) of beta negative binomial counts: 1 less the terms below `observed`, of which
    there are as many as events were observed."""
    from scipy.special import betaln, gammaln  # slow to import

    cells = np.repeat(np.arange(observed.size), observed)
    below = np.arange(cells.size) - np.repeat(np.cumsum(observed) - observed, observed)
    ways = gammaln(size + below) - gammaln(below + 1) - gammaln(size)
    terms = np.exp(ways + betaln(a + size, b[cells] + below) - betaln(a, b[cells]))
    less = np.bincount(cells, terms, minlength=observed.size).astype(np.float64)
    return np.clip(1 - less, 0.0, 1.0)
