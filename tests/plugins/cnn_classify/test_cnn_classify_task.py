"""The task: augmented training pictures, models that are none of ours."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.cnn_classify.augmentation import Augmented
from nntasks.runner import make_task


def task(**keys):
    return make_task("cnn_classify", [keys])


def test_training_pictures_alone_are_augmented():
    splits = task(augment="rotate").load_data()
    assert isinstance(splits.train, Augmented)
    assert not isinstance(splits.validation, Augmented)
    assert not isinstance(splits.test, Augmented)
    still, moved = (splits.train.batch([0, 1], epoch=epoch).inputs for epoch in (None, 0))
    assert (still != moved).any()


def test_without_augmentation_the_pictures_stay():
    train = task(augment="none").load_data().train
    assert not isinstance(train, Augmented)
    still, again = (train.batch([0, 1], epoch=epoch).inputs for epoch in (None, 0))
    assert (still == again).all()


def test_a_model_of_another_kind_has_no_explanation():
    owner = task()
    with pytest.raises(UsageError, match="explain needs a model that is a PictureClassifier"):
        owner.explain(object(), "a.png", owner.ExplainOptions())


def test_every_key_worth_tuning_is_a_key_of_the_task():
    owner = task()
    assert set(owner.search_space()) <= set(type(owner.config).model_fields)
