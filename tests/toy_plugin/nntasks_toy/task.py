"""The toy task: dropout, batch norm and augmentation, so that every source of chance is there."""

from __future__ import annotations

import os
import time

import numpy as np
import torch
from pydantic import Field
from torch import nn
from torch.nn import functional as F

from nntasks import Batch, DataFile, DataInfo, Dataset, Metric, Options, Split, Splits, Task
from nntasks.config import Names
from nntasks.training.config import TrainingConfig
from nntasks.training.torch_model import TorchModel


class Points(Split):
    def __init__(self, x, y, seeds):
        self.x, self.y, self.seeds = x, y, seeds

    def __len__(self):
        return len(self.x)

    def batch(self, indices, *, epoch=None):
        x = np.stack([self._point(index, epoch) for index in indices])
        y = self.y[list(indices)]
        return Batch(torch.from_numpy(x), torch.from_numpy(y), [f"p{i}" for i in indices])

    def _point(self, index, epoch):
        if epoch is None:
            return self.x[index]
        log = os.environ.get("TOY_SAMPLE_LOG")
        if log:
            with open(f"{log}.{os.environ.get('RANK', '0')}", "a", encoding="utf-8") as file:
                file.write(f"{epoch} {index}\n")
        noise = self.seeds.numpy("augment", epoch, index).normal(size=2)
        return (self.x[index] + 0.05 * noise).astype(np.float32)


class Clouds(Dataset):
    class Config(Options):
        points: int = Field(256, ge=8, le=10**6, description="points per split")

    def load(self, root):
        def split(name):
            rng = self.seeds.numpy("clouds", sum(name.encode()))
            y = rng.integers(0, 2, self.options.points)
            x = rng.normal(size=(self.options.points, 2)) + 3 * y[:, None]
            return Points(x.astype(np.float32), y, self.seeds)

        info = DataInfo(classes=("left", "right"), input_shape=(2,))
        return Splits(split("train"), split("validation"), split("test"), info)


class Absent(Dataset):
    folder = "absent"
    files = (DataFile("points.npy", 10, "0" * 64),)
    source = "nowhere"
    licence = "none"

    def load(self, root):
        raise AssertionError("cannot be reached: the store finds no such folder")


class Perceptron(TorchModel):
    def __init__(self, config, info, seeds):
        with seeds.torch_global("init"):
            layers = nn.Sequential(
                nn.Linear(2, config.width),
                nn.BatchNorm1d(config.width),
                nn.ReLU(),
                nn.Dropout(0.2),
                nn.Linear(config.width, len(info.classes)),
            )
        super().__init__(layers, config, seeds)

    def loss(self, module, batch):
        time.sleep(self.config.step_seconds)
        loss = F.cross_entropy(module(batch.inputs), batch.targets)
        return loss * self.config.blow_up, {"entropy": loss}

    @torch.no_grad()
    def predict(self, batch):
        return self.module.eval()(batch.inputs).argmax(1).tolist()


class Accuracy(Metric):
    def __init__(self, config, info):
        self.reset()

    def reset(self):
        self.right = self.seen = 0

    def update(self, predictions, targets, ids):
        self.right += sum(p == t for p, t in zip(predictions, targets.tolist(), strict=True))
        self.seen += len(ids)

    def merge(self, other):
        self.right += other.right
        self.seen += other.seen

    def compute(self):
        return {"accuracy": self.right / self.seen}

    def definitions(self):
        return {"accuracy": "right answers over all answers"}


class ToyConfig(TrainingConfig):
    data: str = Field("clouds", description="name of the data set")
    model: str = Field("perceptron", description="name of the model")
    metrics: Names = Field(("toy_accuracy",), description="names of the metrics")
    epochs: int = Field(3, ge=0, le=1000, description="passes")
    width: int = Field(8, ge=1, le=64, description="hidden units")
    ema: float = Field(0.9, ge=0, lt=1, description="decay of the averaged weights")
    step_seconds: float = Field(0.0, ge=0, description="time to waste in each step, in s")
    blow_up: float = Field(1.0, description="factor of the loss")


class Toy(Task):
    """Two clouds of points; which one does a point belong to?"""

    Config = ToyConfig
    headline = ("accuracy",)
