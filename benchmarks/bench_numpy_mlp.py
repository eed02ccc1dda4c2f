"""Time an epoch of `numpy_mlp` against scikit-learn's MLPClassifier: same network, same batches.

python benchmarks/bench_numpy_mlp.py                     # MNIST of NNTASKS_DATA or ../shared/data
python benchmarks/bench_numpy_mlp.py --hidden-sizes 256,128 --batch 128 --rounds 5

Both use ReLU, Adam and float32 without batch norm and dropout, and train one epoch from scratch.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from data_folder import data_folder

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks.interfaces import DataInfo
from nntasks.kernel_checks.timing import Row, medians, print_rows
from nntasks.machine.distributed import ALONE
from nntasks.plugins.classification.data.mnist import Mnist
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.model import MLP
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds


def default_data() -> Path:
    return data_folder() / "mnist"


def ours(train: LabelledPictures, info: DataInfo, config: NumpyConfig) -> float:
    """Train one epoch; return the accuracy on the training pictures."""
    model = MLP(config, info, Seeds(0))
    with tempfile.TemporaryDirectory() as out:
        folder = RunFolder.create(Path(out), "numpy_mlp", {}, {})
        run = Run(folder, Seeds(0), ALONE, {}, (), 500, quiet=True)
        model.fit(train, validation=None, run=run)
    batch = train.batch(range(5000))
    return float((np.stack(model.predict(batch)).argmax(axis=1) == batch.targets).mean())


def theirs(x: np.ndarray, y: np.ndarray, config: NumpyConfig) -> float:
    """Train one epoch; return the accuracy on the training pictures."""
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        config.hidden_sizes,
        solver="adam",
        batch_size=config.batch_size,
        learning_rate_init=config.lr,
        alpha=config.weight_decay,
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that one epoch has not converged
        network.fit(x, y)
    return float(network.score(x[:5000], y[:5000]))


def rows(
    hidden_sizes: tuple[int, ...] = (256, 128), batch: int = 128, rounds: int = 5
) -> list[Row]:
    """Return the rows of this benchmark in the table of all; none without the data."""
    if not default_data().is_dir():
        print(f"left out: no MNIST in {default_data()}", file=sys.stderr)
        return []
    splits = Mnist(Mnist.Config(validation=0), Seeds(0)).load(default_data())
    config = NumpyConfig(
        hidden_sizes=hidden_sizes,
        batch_size=batch,
        lr=0.001,
        batch_norm=False,
        epochs=1,
        schedule="constant",
        checkpoint_seconds=1e9,
    )
    x = splits.train.pictures.reshape(len(splits.train), -1).astype(np.float32) / 255
    calls = {
        "ours": lambda: ours(splits.train, splits.info, config),
        "theirs": lambda: theirs(x, splits.train.labels, config),
    }
    for name, call in calls.items():
        print(f"{name}: accuracy after one epoch {call():.4f}", file=sys.stderr)
    times = medians(calls, rounds=rounds, most_seconds=120)
    sizes = "-".join(map(str, (784, *hidden_sizes, 10)))
    return [
        Row(
            "numpy_mlp",
            f"MNIST epoch, {sizes}, batches of {batch}",
            times["ours"],
            times["theirs"],
            "scikit-learn's MLPClassifier",
            1.0,
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hidden-sizes", default="256,128")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    sizes = tuple(map(int, arguments.hidden_sizes.split(",")))
    print_rows(f"NumPy {np.__version__}", rows(sizes, arguments.batch, arguments.rounds))


if __name__ == "__main__":
    main()
