"""A network of its own in the classifier that cnn_classify offers."""

from pydantic import Field
from torch import nn

from nntasks import Options
from nntasks.plugins.cnn_classify.model import PictureClassifier


class DotOptions(Options):
    channels: int = Field(8, ge=1, le=512, description="channels of the convolution")


def build(config, info, seeds, options):
    """Build `model=dot_net`."""
    with seeds.torch_global("init"):
        network = nn.Sequential(
            nn.Conv2d(info.input_shape[-1], options.channels, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(2),
            nn.Flatten(),
            nn.Linear(4 * options.channels, len(info.classes)),
        )
    return PictureClassifier(network, config, info, seeds)


build.Config = DotOptions
