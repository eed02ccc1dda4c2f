"""A third-party plugin, as small as one can be: what the tests of core run.

It lies beside a `.dist-info` folder, so that putting this directory on the path "installs" it.
"""

from nntasks import Entry, hookimpl

_TASK = ("toy",)


@hookimpl
def register_tasks():
    return [
        Entry(
            "toy",
            "nntasks_toy.task:Toy",
            "tell two clouds of points apart",
            scorer="nntasks_toy.scoring:Lines",
        )
    ]


@hookimpl
def register_models():
    return [Entry("perceptron", "nntasks_toy.task:Perceptron", "two layers", _TASK)]


@hookimpl
def register_metrics():
    return [Entry("toy_accuracy", "nntasks_toy.task:Accuracy", "share of right answers", _TASK)]


@hookimpl
def register_datasets():
    return [
        Entry("clouds", "nntasks_toy.task:Clouds", "two clouds of points", _TASK),
        Entry("absent", "nntasks_toy.task:Absent", "a data set that nobody has", _TASK),
        Entry("costly", "nntasks_toy.task:Clouds", "needs a package", _TASK, ("no_such_package",)),
    ]
