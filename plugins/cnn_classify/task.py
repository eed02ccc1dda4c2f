"""The task `cnn_classify`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nntasks.context import read_description
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Model, Outcome, Splits
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.classification.explanation import ExplainOptions
from nntasks.plugins.classification.task import ClassifierTask
from nntasks.plugins.cnn_classify.augmentation import Augmented, changes
from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.plugins.cnn_classify.model import PictureClassifier


class CnnClassify(ClassifierTask):
    """Picture classification with convolutional networks.

    By default the small AlexNet is trained on 8 x 8 digits. Try `norm=none`, `dropout=0.5`,
    `augment=flip,crop`, `data=cifar10_subset model=resnet18`, or your own pictures with
    `data=class_folders data.path=FOLDER`.
    """

    Config = CnnConfig
    ExplainOptions = ExplainOptions
    config: CnnConfig

    def load_data(self) -> Splits:
        """Load the data set; augment its training pictures if configured."""
        raw = super().load_data()
        if not self.config.augment or raw.train is None:
            return raw
        config, channels = self.config, raw.info.input_shape[-1]
        wanted = changes(config.augment, channels, config.magnitude)
        train = Augmented(raw.train, wanted, self.context.seeds)
        return Splits(train, raw.validation, raw.test, raw.info)

    def load_pretrained(self, weights: Path, info: DataInfo) -> Model:
        """Load the weights of a run, or of a file of the same architecture such as torchvision's.

        A last layer for other classes keeps its initial weights.
        """
        from nntasks.plugins.cnn_classify.pretrained import start_from

        model = self.build_model(info)
        if not isinstance(model, PictureClassifier):
            return self.load_model(weights, info)
        ours = read_description(weights) is not None
        start_from(model, weights, ours=ours, say=self.context.warn)
        return model

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return the metrics of each class, and the layers."""
        from nntasks.plugins.cnn_classify.report import layer_table

        own = [layer_table(outcome.model)] if isinstance(outcome.model, PictureClassifier) else []
        return [*super().tables(outcome), *own]

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield mistakes, calibration, filters, feature maps and Grad-CAM."""
        from nntasks.plugins.cnn_classify.report import figures

        yield from super().figures(outcome)
        if isinstance(outcome.model, PictureClassifier):
            yield from figures(outcome.model, outcome)

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain the probability of a class: the terms of its logit, and the evidence map."""
        from nntasks.plugins.cnn_classify.explanation import explain_picture

        if not isinstance(model, PictureClassifier):
            raise UsageError("explain needs a model that is a PictureClassifier")
        return explain_picture(model, Path(source), options.label)

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "1e-3:3e-1:log",
            "weight_decay": "1e-5:1e-2:log",
            "dropout": "0:0.6",
            "label_smoothing": "0:0.2",
            "optimizer": "sgd,adamw",
        }
