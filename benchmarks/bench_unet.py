"""Time our U-Net against segmentation_models_pytorch's of equal size: training and inference.

    python benchmarks/bench_unet.py
    python benchmarks/bench_unet.py --rounds 9 --side 256 --batch 4 --encoder resnet34
    OMP_NUM_THREADS=1 python benchmarks/bench_unet.py --clock cpu     # on a busy machine

Both have torchvision's ResNet-18 on the way down, and on the way up five steps of 256, 128, 64, 32
and 16 channels with batch norm; BCE and Dice as loss; AdamW. Ours runs the epoch loop over
pictures in memory, and the model's `predict`, from bytes to probabilities. The peer is a bare loop
for the same work: once plain, once with weights and pictures in channels-last layout, as ours. Each
has its own process; they take turns over all pictures. The figures are medians per picture. On CPU,
float32.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from contenders import CLOCKS, Contender, Works, take_turns
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks.interfaces import DataInfo
from nntasks.kernel_checks.timing import Row, print_rows
from nntasks.machine.distributed import ALONE
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.model import build
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds
from nntasks.training.standardised import IMAGENET

COUNT = 32  # pictures
GOAL = 1.0


def pictures(side: int) -> MaskedPictures:
    """Return pictures of noise with masks of noise."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (COUNT, side, side, 3), dtype=np.uint8)
    masks = rng.integers(0, 2, (COUNT, side, side), dtype=np.uint8)
    samples = [Sample(f"{i}", lambda i=i: (noise[i], masks[i])) for i in range(COUNT)]
    return MaskedPictures(samples, None, None, Seeds(0))


def ours(encoder: str, side: int, batch: int) -> Works:
    """Open our U-Net: a turn is an epoch of the loop, or `predict` of all pictures."""
    data = pictures(side)
    config = UnetConfig(
        encoder=encoder,
        residual=False,
        upsample="bilinear",
        epochs=1,
        batch_size=batch,
        checkpoint_seconds=1e9,
        augment=(),
    )
    model = build(config, DataInfo((), (side, side, 3)), Seeds(0))

    def train(_: Any) -> None:
        with tempfile.TemporaryDirectory() as out:
            folder = RunFolder.create(Path(out), "bench", {}, {})
            run = Run(folder, Seeds(0), ALONE, {}, (), 32, True)
            model.fit(data, validation=None, run=run)

    def infer(_: Any) -> None:
        for first in range(0, COUNT, batch):
            model.predict(data.batch(range(first, first + batch)))

    return {"train": train, "infer": infer, "size": lambda _: size(model.module, side)}


def smp(encoder: str, side: int, batch: int, layout: torch.memory_format) -> Works:
    """Open segmentation_models_pytorch's U-Net: a turn is the same in a bare loop."""
    import segmentation_models_pytorch

    data = pictures(side)
    network = segmentation_models_pytorch.Unet(encoder, encoder_weights=None, classes=1)
    network = network.to(memory_format=layout)
    optimizer = torch.optim.AdamW(network.parameters(), 0.001, fused=True)
    dice = segmentation_models_pytorch.losses.DiceLoss("binary")
    mean, deviation = (torch.tensor(part)[:, None, None] for part in IMAGENET)

    def forward(inputs: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(inputs).permute(0, 3, 1, 2).float()
        return network(((x - mean) / deviation).contiguous(memory_format=layout))[:, 0]

    def train(_: Any) -> None:
        network.train()
        order = np.random.default_rng(0).permutation(COUNT).reshape(-1, batch)
        for indices in order:
            part = data.batch(indices.tolist())
            truth = torch.from_numpy(part.targets).float()
            optimizer.zero_grad()
            logits = forward(part.inputs)
            loss = functional.binary_cross_entropy_with_logits(logits, truth)
            (loss + dice(logits[:, None], truth[:, None])).backward()
            optimizer.step()

    @torch.inference_mode()
    def infer(_: Any) -> None:
        network.eval()
        for first in range(0, COUNT, batch):
            list(forward(data.batch(range(first, first + batch)).inputs).sigmoid().numpy())

    return {"train": train, "infer": infer, "size": lambda _: size(network, side)}


def size(network: nn.Module, side: int) -> tuple[float, float]:
    """Return millions of parameters, and 10^9 multiplications for a picture."""
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network.eval()(torch.zeros(1, 3, side, side))
    parameters = sum(p.numel() for p in network.parameters())
    return parameters / 1e6, counter.get_total_flops() / 2e9


def rows(
    rounds: int = 5, encoder: str = "resnet18", side: int = 128, batch: int = 8, clock: str = "wall"
) -> list[Row]:
    """Return the rows of this benchmark in the table of all."""
    common = (encoder, side, batch)
    contenders = [
        Contender("ours", ours, common, clock),
        Contender("smp", smp, (*common, torch.contiguous_format), clock),
        Contender("smp, channels last", smp, (*common, torch.channels_last), clock),
    ]
    for contender in contenders[:2]:
        millions, billions = contender.call("size", None)[1]
        print(
            f"{contender.name}: {millions:.1f} M parameters, {billions:.2f} G multiplications",
            file=sys.stderr,
        )
    found = []
    for work, words in (("train", "a picture trained"), ("infer", "a picture predicted")):
        turns = take_turns(contenders, work, None, rounds)
        times = {name: statistics.median(seconds) / COUNT for name, seconds in turns.items()}
        what = f"{words}, {encoder}, {side} x {side}, batches of {batch}"
        found += [
            Row("unet_segment", what, times["ours"], times[peer], peer, GOAL)
            for peer in ("smp", "smp, channels last")
        ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--encoder", default="resnet18", choices=("resnet18", "resnet34"))
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--clock", default="wall", choices=CLOCKS)
    given = parser.parse_args()
    print_rows(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads",
        rows(given.rounds, given.encoder, given.side, given.batch, given.clock),
    )


if __name__ == "__main__":
    main()
