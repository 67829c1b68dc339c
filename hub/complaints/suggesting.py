"""Which category a ticket probably has, learnt from the site's own closed tickets.

Runs of one to three characters of title and facts, hashed into `FEATURES` numbers and weighted by how rare
they are (TF-IDF), and a linear classifier with logistic loss for each category. Hashing keeps no vocabulary,
so that the model has no word of the sealed texts that it was learnt from. A person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hub.complaints.near_duplicates import groups

Floats = NDArray[np.float32]
FEATURES = 2**15
RUNS = (1, 3)  # characters
FEWEST = 5  # tickets of a category that can be learnt
FEWEST_CATEGORIES = 2
HELD_OUT = 0.2  # of the tickets, the last that came, on which the model is measured
TOP = 3  # categories that are suggested
_SEED = 0


@dataclass(frozen=True, slots=True)
class Model:
    """`labels` n categories; `coefficients` n × FEATURES, `intercepts` n, `rarity` FEATURES."""

    labels: tuple[str, ...]
    coefficients: Floats
    intercepts: Floats
    rarity: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of held-out tickets whose category is the first suggestion, or one of three; `baseline_`: of
    the most frequent categories, whatever the text says. `left_out`: held-out tickets that weren't asked
    about, because one nearly the same was learnt from."""

    learnt: int
    asked: int
    left_out: int
    first: float
    of_three: float
    baseline_first: float
    baseline_of_three: float


def fit(texts: pl.DataFrame, tree: pl.DataFrame | None = None) -> Model | None:
    """Learn from `texts` (text, label), and from the rows of a `tree` (`category_tree`); None where there are
    too few categories with enough tickets or with a row."""
    from sklearn.feature_extraction.text import TfidfTransformer  # slow to import
    from sklearn.linear_model import SGDClassifier

    often = texts.filter(pl.len().over("label") >= FEWEST).select("text", "label")
    often = often if tree is None else pl.concat([often, tree.select("text", "label")])
    labels = often["label"].unique().sort()
    if labels.len() < FEWEST_CATEGORIES:
        return None
    weights = TfidfTransformer(sublinear_tf=True)
    features = weights.fit_transform(_hashed(often["text"]))
    learner = SGDClassifier(
        loss="log_loss",
        alpha=1e-5,
        max_iter=50,
        tol=1e-4,
        class_weight="balanced",
        random_state=_SEED,
    )
    learner.fit(features, often["label"].to_numpy())
    coefficients, intercepts = learner.coef_, learner.intercept_
    if labels.len() == FEWEST_CATEGORIES:  # of two, one line tells both
        coefficients = np.vstack([-coefficients, coefficients])
        intercepts = np.concatenate([-intercepts, intercepts])
    return Model(
        tuple(str(one) for one in learner.classes_),
        coefficients.astype(np.float32),
        intercepts.astype(np.float32),
        weights.idf_.astype(np.float32),
    )


def suggested(model: Model, texts: pl.Series, most: int = TOP) -> list[list[tuple[str, float]]]:
    """For each text the `most` probable categories with their confidence, the best first.

    Confidences of all categories come to 1 (softmax of the classifiers' scores). They rank suggestions; that
    they are the share of right ones isn't claimed.
    """
    counts = _hashed(texts)
    counts.data = 1 + np.log(counts.data)
    weighted = counts.multiply(model.rarity).tocsr()
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1))).ravel()
    scores = weighted @ model.coefficients.T / np.maximum(norms, 1e-9)[:, None] + model.intercepts
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = exponents / exponents.sum(axis=1, keepdims=True)
    best = np.argsort(-shares, axis=1)[:, :most]
    return [
        [(model.labels[place], float(row[place])) for place in places]
        for row, places in zip(shares, best, strict=True)
    ]


def measured(texts: pl.DataFrame, tree: pl.DataFrame | None = None) -> Measured | None:
    """How good suggestions are on the last tickets, by what is learnt from those before them.

    `texts`: ticket_no, text, label, received_on. A ticket that is nearly the same as one that was learnt from
    isn't asked about. None where too little can be learnt or nothing is left to ask.
    """
    ordered = texts.sort("received_on", "ticket_no")
    cut = int(ordered.height * (1 - HELD_OUT))
    before, after = ordered[:cut], ordered[cut:]
    model = fit(before, tree)
    alike = groups(ordered.select("ticket_no", "text"))
    seen = alike.join(before.select("ticket_no"), on="ticket_no", how="semi")["group_no"]
    twice = alike.filter(pl.col("group_no").is_in(seen.implode()))
    asked = after.join(twice, on="ticket_no", how="anti")
    if model is None or asked.is_empty():
        return None
    told = [[label for label, _ in one] for one in suggested(model, asked["text"])]
    common = before["label"].value_counts().sort("count", "label", descending=[True, False])
    usual = common["label"].head(TOP).to_list()
    truth = asked["label"].to_list()
    return Measured(
        before.height, asked.height, after.height - asked.height,
        _share(truth, [one[:1] for one in told]), _share(truth, told),
        _share(truth, [usual[:1]] * len(truth)), _share(truth, [usual] * len(truth)),
    )  # fmt: skip


def _share(truth: list[str], told: list[list[str]]) -> float:
    return sum(one in them for one, them in zip(truth, told, strict=True)) / len(truth)


def _hashed(texts: pl.Series) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer  # slow to import

    plain = texts.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    maker = HashingVectorizer(
        analyzer="char", ngram_range=RUNS, n_features=FEATURES, alternate_sign=False, norm=None,
        dtype=np.float32,
    )  # fmt: skip
    return maker.transform(plain.to_list())
