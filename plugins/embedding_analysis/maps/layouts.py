"""Layouts of vectors in the plane: PCA, t-SNE, UMAP, with several sets aligned.

t-SNE: L. van der Maaten, G. Hinton, JMLR 9 (2008), by openTSNE (P. Poličar et al.) if
installed, else by scikit-learn. UMAP: L. McInnes et al., 2018, if umap-learn is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nntasks.errors import MissingError
from nntasks.machine.blas import blas_threads
from nntasks.plugins.embedding_analysis.measures.alignment import aligned, rotation

TITLES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
_EXAGGERATED = 250  # first steps of t-SNE, which both libraries take
_EXACT = 3000  # up to so many words, t-SNE searches neighbours exactly


class Layout(dict[str, np.ndarray]):
    """Positions (N, 2) by set.

    Attributes:
        divergence: of t-SNE, by set: the Kullback-Leibler divergence in nats between neighbourhoods
            in the space and on the map, which it makes small.
    """

    def __init__(self, places: Mapping[str, np.ndarray]) -> None:
        super().__init__(places)
        self.divergence: dict[str, float] = {}


@dataclass(frozen=True)
class TsneSettings:
    """Settings of t-SNE.

    Attributes:
        perplexity: about how many neighbours each word minds; at most a third of the words.
        steps: after the first 250, in which neighbours attract each other more strongly; None for
            the library's own number.
    """

    perplexity: float = 30.0
    steps: int | None = None

    def perplexity_of(self, words: int) -> float:
        """Return the perplexity for so many words."""
        return min(self.perplexity, max((words - 1) / 3, 1.0))


def all_layouts(
    names: Sequence[str],
    points: Mapping[str, np.ndarray],
    seed: int,
    settings: TsneSettings = TsneSettings(),
) -> dict[str, Layout]:
    """Return `layouts` by name, computed with one thread, so that all numbers of cores agree."""
    with blas_threads(1):
        return {name: layouts(name, points, seed, settings) for name in names}


def layouts(
    name: str,
    points: Mapping[str, np.ndarray],
    seed: int,
    settings: TsneSettings = TsneSettings(),
) -> Layout:
    """Return positions (N, 2) of the same N words for each set.

    Args:
        name: pca, tsne or umap.
        points: (N, D) unit vectors for each set, the same words in each.
        seed: seed of t-SNE and UMAP.
        settings: of t-SNE.

    Returns:
        positions by set. Those of later sets are rotated, reflected, shifted and scaled onto those
        of the first (Procrustes), so that only real differences remain.

    Raises:
        MissingError: UMAP is not installed.
    """
    first, *others = points
    target = points[first]
    if name == "pca":
        basis = _directions(target)
        middle = target.mean(axis=0)
        found = {first: (target - middle) @ basis}
        for other in others:
            rows = points[other] - points[other].mean(axis=0)
            found[other] = rows @ rotation(rows, target - middle) @ basis
        return Layout(found)
    made = Layout({})
    for one in (first, *others):
        if name == "tsne":
            places, made.divergence[one] = _tsne(points[one], seed, settings)
        else:
            places = _umap(points[one], seed)
        made[one] = aligned(places, made[first]) if made else places
    return made


def explained(points: np.ndarray) -> np.ndarray:
    """Return the shares (2,) of the variance of (N, D) points along their principal directions."""
    sizes = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2
    shares = sizes[:2] / sizes.sum() if sizes.sum() else np.zeros(2)
    return np.pad(shares, (0, 2 - len(shares)))


def _directions(points: np.ndarray) -> np.ndarray:
    """Return the first two principal directions (D, 2); their signs are fixed."""
    centred = (points - points.mean(axis=0)).astype(np.float64)
    right = np.linalg.svd(centred, full_matrices=False)[2][:2].T
    if right.shape[1] < 2 or right.shape[0] < 2:
        right = np.pad(right, ((0, 0), (0, 2 - right.shape[1])))
    signs = np.sign(right[np.abs(right).argmax(axis=0), range(2)])
    return right * np.where(signs == 0, 1, signs)


def _start(points: np.ndarray) -> np.ndarray:
    """Return PCA as a small initial layout for t-SNE (D. Kobak, P. Berens 2019)."""
    flat = (points - points.mean(axis=0)) @ _directions(points)
    deviation = float(flat[:, 0].std())
    return flat / deviation * 1e-4 if deviation else flat


def tsne_library() -> str:
    """Return which library lays out t-SNE: openTSNE or scikit-learn."""
    return "openTSNE" if importlib.util.find_spec("openTSNE") else "scikit-learn"


def import_tsne() -> None:
    """Import the library of t-SNE, which takes most of a second."""
    importlib.import_module("openTSNE" if tsne_library() == "openTSNE" else "sklearn.manifold")


def _tsne(points: np.ndarray, seed: int, settings: TsneSettings) -> tuple[np.ndarray, float]:
    """Return positions, and the divergence that is left."""
    perplexity = settings.perplexity_of(len(points))
    steps = settings.steps
    start = _start(points)
    if tsne_library() == "openTSNE":
        from openTSNE import TSNE

        near = "exact" if len(points) <= _EXACT else "auto"
        found = TSNE(
            perplexity=perplexity,
            initialization=start,
            neighbors=near,
            random_state=seed,
            n_jobs=1,
            **({} if steps is None else {"n_iter": steps}),
        ).fit(points)
        return np.asarray(found, dtype=np.float64), float(found.kl_divergence)
    from sklearn.manifold import TSNE as Other

    own = {} if steps is None else {"max_iter": _EXAGGERATED + steps}
    other = Other(perplexity=perplexity, init=start, random_state=seed, **own)
    return other.fit_transform(points), float(other.kl_divergence_)


def check_installed(names: Iterable[str]) -> None:
    """Refuse a layout whose package is not installed.

    Raises:
        MissingError: says how to install it.
    """
    if "umap" in names and importlib.util.find_spec("umap") is None:
        raise MissingError("maps=umap needs the package umap-learn: pip install umap-learn")


def _umap(points: np.ndarray, seed: int) -> np.ndarray:
    check_installed(["umap"])
    from umap import UMAP

    near = max(2, min(15, len(points) - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # suppresses its warning that a seed prevents threads
        return np.asarray(UMAP(n_neighbors=near, random_state=seed).fit_transform(points))
