"""How the data sets of this plugin are split into parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Splits
from nntasks.plugins.classification.splits import LabelledPictures, cut
from nntasks.seeding import Seeds


class PartOptions(Options):
    """Sizes of the parts; their members do not depend on the seed of the run."""

    validation: float = Field(
        0.1, ge=0, le=0.5, description="share of the training pictures kept for validation"
    )
    fraction: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of the training pictures to train on, equal in every class; smaller "
        "shares are part of larger ones",
    )
    split_seed: int = Field(0, ge=0, lt=2**31, description="seed of the split into parts")


class AllPartOptions(PartOptions):
    """Sizes of the parts of a data set without a given split."""

    test: float = Field(0.2, gt=0, le=0.5, description="share of all pictures kept for testing")


def with_validation(
    train: LabelledPictures, test: LabelledPictures, options: PartOptions, classes: Sequence[str]
) -> Splits:
    """Split validation pictures off the training pictures; if none, use the test pictures."""
    rng = Seeds(options.split_seed).numpy("validation")
    rest, validation = cut(train, options.validation, rng)
    if not len(rest) or not len(test):
        raise UsageError(f"expected training and test pictures, got {len(rest)} and {len(test)}")
    shape = tuple(train.pictures.shape[1:])
    info = DataInfo(tuple(classes), shape)
    fewer = fraction_of(rest, options)
    return Splits(fewer, validation if len(validation) else test, test, info)


def fraction_of(train: LabelledPictures, options: PartOptions) -> LabelledPictures:
    """Return the share of the training pictures that `fraction` asks, at least one of a class."""
    if options.fraction == 1:
        return train
    rng = Seeds(options.split_seed).numpy("fraction")
    chosen = []
    for label in np.unique(train.labels):
        members = rng.permutation(np.flatnonzero(train.labels == label))
        chosen.append(members[: max(round(options.fraction * len(members)), 1)])
    return train.part(np.sort(np.concatenate(chosen)))


def parts_as_given(
    train: LabelledPictures,
    validation: LabelledPictures,
    test: LabelledPictures,
    options: PartOptions,
    classes: Sequence[str],
) -> Splits:
    """Use the given parts, whose pictures have one shape."""
    shape = tuple(train.pictures.shape[1:])
    fewer = fraction_of(train, options)
    return Splits(fewer, validation, test, DataInfo(tuple(classes), shape))


def cut_into_parts(
    whole: LabelledPictures, options: AllPartOptions, classes: Sequence[str]
) -> Splits:
    """Split off test and validation pictures."""
    train, test = cut(whole, options.test, Seeds(options.split_seed).numpy("test"))
    return with_validation(train, test, options, classes)
