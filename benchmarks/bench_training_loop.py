"""Time our training loop against a bare PyTorch loop: same network, same batches, same updates.

python benchmarks/bench_training_loop.py
python benchmarks/bench_training_loop.py --rounds 15 --batch 64

Both train one epoch of a small convolutional network on digits that were scaled to 32 x 32. Ours
does everything that a run does: draw the order, set the rate, sum the loss, write rows, clip, and
check whether to save. The bare loop only draws the same order, sets the same rate and clips. A
check before the timing confirms that both end with bit-identical weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks.interfaces import Batch, Split
from nntasks.kernel_checks.timing import Row, medians, print_rows
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds
from nntasks.training.batches import Batches
from nntasks.training.config import TrainingConfig
from nntasks.training.optimizers import build_optimizer
from nntasks.training.schedules import factor
from nntasks.training.torch_model import TorchModel

MOST = 1.03  # times the bare loop's time


class Pictures(Split):
    """Digits as tensors (N, 1, 32, 32)."""

    def __init__(self) -> None:
        from sklearn.datasets import load_digits

        digits = load_digits()
        x = torch.from_numpy(digits.images).float()[:, None] / 16
        self.x = F.interpolate(x, size=(32, 32), mode="bilinear")
        self.y = torch.from_numpy(digits.target).long()

    def __len__(self) -> int:
        return len(self.y)

    def batch(self, indices, *, epoch=None) -> Batch:
        chosen = torch.as_tensor(indices)
        return Batch(self.x[chosen], self.y[chosen], list(indices))


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = []
    for inputs, outputs in ((1, 32), (32, 64), (64, 128)):
        layers += [
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 10))


class Model(TorchModel):
    """The network with cross-entropy."""

    def loss(self, module, batch):
        return F.cross_entropy(module(batch.inputs), batch.targets), {}

    def predict(self, batch):
        raise AssertionError("not asked for")


def ours(data: Split, config: TrainingConfig) -> nn.Module:
    """Train with the loop."""
    model = Model(network(), config, Seeds(0))
    with tempfile.TemporaryDirectory() as out:
        folder = RunFolder.create(Path(out), "bench", {}, {})
        model.fit(data, validation=None, run=Run(folder, Seeds(0), ALONE, {}, (), 32, True))
    return model.module


def bare(data: Split, config: TrainingConfig) -> nn.Module:
    """Train without anything else."""
    model = Model(network(), config, Seeds(0))
    module = model.module.train()
    optimizer = build_optimizer(config, model.parameter_groups())
    size = config.batch_size
    steps = len(data) // size
    order = Seeds(0).numpy("data", 0).permutation(len(data))[: steps * size].reshape(steps, size)
    for step, indices in enumerate(order):
        for group in optimizer.param_groups:
            group["lr"] = config.lr * factor(config, step, steps)
        batch = data.batch(indices.tolist())
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(module(batch.inputs), batch.targets).backward()
        nn.utils.clip_grad_norm_(module.parameters(), config.clip)
        optimizer.step()
    return module


def rows(rounds: int = 9, batch: int = 32) -> list[Row]:
    """Return the rows of this benchmark in the table of all."""
    data, config = Pictures(), TrainingConfig(epochs=1, batch_size=batch, checkpoint_seconds=1e9)
    assert len(Batches(data, Seeds(0), ALONE, batch_size=batch, pieces=1, loaders=0)) > 10
    for one, other in zip(
        ours(data, config).parameters(), bare(data, config).parameters(), strict=True
    ):
        assert np.array_equal(one.detach().numpy(), other.detach().numpy())
    calls = {"ours": lambda: ours(data, config), "bare": lambda: bare(data, config)}
    times = medians(calls, rounds=rounds, most_seconds=120)
    work = f"an epoch of {len(data):,} digits, batches of {batch}"
    return [Row("training loop", work, times["ours"], times["bare"], "a bare loop", 1 / MOST)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, default=32)
    arguments = parser.parse_args()
    print_rows(f"torch {torch.__version__}", rows(arguments.rounds, arguments.batch))


if __name__ == "__main__":
    main()
