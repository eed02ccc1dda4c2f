"""Dots on a dark ground: in which quarter of the picture is it?"""

from nntasks import Entry, hookimpl

_TASKS = ("cnn_classify",)


@hookimpl
def register_models():
    return [Entry("dot_net", "nntasks_dots.model:build", "one convolution and a mean", _TASKS)]


@hookimpl
def register_metrics():
    return [Entry("top2", "nntasks_dots.metric:Top2", "accuracy of the two likeliest", _TASKS)]


@hookimpl
def register_datasets():
    return [Entry("dots", "nntasks_dots.data:Dots", "a bright dot in one of four quarters", _TASKS)]
