"""The weights that a run starts from."""

from __future__ import annotations

from pathlib import Path

from nntasks import contracts
from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.interfaces import Model, Splits, Task


def final_weights(path: Path) -> Path:
    """Return the weights file that `path`, a file or a run, stands for."""
    if not path.exists():
        raise UsageError(
            f"weights: expected a file or the folder of a run, found nothing at {path}"
        )
    if path.is_file():
        return path
    weights = path / "checkpoints" / "final" / "model.safetensors"
    if weights.is_file():
        return weights
    config = path / "config.yaml"
    given = read_config_file(config).get("weights") if config.is_file() else None
    if given:  # a run that evaluated weights from elsewhere
        return final_weights(Path(given))
    raise UsageError(
        f"{path} holds no learned weights; if its training was stopped, finish it with --resume"
    )


def starting_model(task: Task, splits: Splits, final: Path | None) -> tuple[Model, bool]:
    """Return the model that the run starts from, and whether it is trained already."""
    config, info = task.config, splits.info
    weights = config.weights or final
    if weights is not None:
        return task.load_model(final_weights(Path(weights)), info), True
    pretrained = getattr(config, "pretrained", None)
    if pretrained is not None:
        model = task.load_pretrained(final_weights(Path(pretrained)), info)
    else:
        model = contracts.task_model(task, info)
    if splits.train is None:
        raise UsageError(
            f"data={config.data} has no training split: give weights=FILE to evaluate, or "
            "name training data"
        )
    return model, False
