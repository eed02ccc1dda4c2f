"""Checks of options and of splits."""

from __future__ import annotations

from nntasks.config import Options
from nntasks.interfaces import Batch, Split
from nntasks.testing.equality import equal


def check_options(schema: type[Options]) -> None:
    """Check that every key has a description and that the defaults are valid and read back."""
    for key, field in schema.model_fields.items():
        assert field.description, f"key {key!r} of {schema.__name__} needs a description"
    if not any(field.is_required() for field in schema.model_fields.values()):
        assert schema.model_validate(schema().model_dump()) == schema(), "defaults do not read back"


def check_split(split: Split) -> None:
    """Check that a split has a length, is repeatable, and does not depend on the batch size."""
    assert len(split) > 0, "a split must not be empty"
    several = list(range(min(3, len(split))))
    for epoch in (None, 0, 1):
        whole = split.batch(several, epoch=epoch)
        assert isinstance(whole, Batch), f"batch() must return a Batch, got {type(whole).__name__}"
        assert len(whole.ids) == len(several), "a batch needs one id per sample"
        assert len(set(whole.ids)) == len(several), "ids must be unique within a split"
        again = split.batch(several, epoch=epoch)
        assert equal(whole, again), f"batch(epoch={epoch}) must give the same samples every time"
        alone = [split.batch([index], epoch=epoch).ids[0] for index in several]
        assert list(whole.ids) == alone, "ids must come in the order of the indices"
