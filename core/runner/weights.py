"""The initial weights of a run."""

from __future__ import annotations

from pathlib import Path

from nntasks import contracts
from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.interfaces import Model, Splits, Task
from nntasks.run_folder.latest import newest_finished
from nntasks.storage import checksums


def final_weights(path: Path) -> Path:
    """Return the weights file of `path`, a file or a run."""
    if not path.exists():
        raise UsageError(
            f"weights: expected a file or the folder of a run, found nothing at {path}"
        )
    if path.is_file():
        return _whole(path)
    weights = path / "checkpoints" / "final" / "model.safetensors"
    if weights.is_file():
        return _whole(weights)
    config = path / "config.yaml"
    given = read_config_file(config).get("weights") if config.is_file() else None
    if given:  # a run that evaluated other weights
        return final_weights(Path(given))
    finished = newest_finished(path.resolve().parent)
    other = f"; the newest finished run is {finished}" if finished else ""
    raise UsageError(
        f"{path} has no final weights; if its training was stopped, finish it with --resume{other}"
    )


def _whole(weights: Path) -> Path:
    """Return weights after checking their checksums; only weights of runs have checksums."""
    folder = weights.parent
    if weights.name == "model.safetensors" and (folder / checksums.NAME).is_file():
        damage = checksums.damage(folder)
        if damage:
            raise UsageError(
                f"{folder} is damaged: {damage}; restore it from a copy, or train again"
            )
    return weights


def starting_model(task: Task, splits: Splits, final: Path | None) -> tuple[Model, bool]:
    """Return the initial model of the run, and whether it is already trained."""
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
