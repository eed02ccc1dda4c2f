"""The source of a plugin whose entries break their contracts, one way each."""

from __future__ import annotations

SOURCE = """
import nntasks
from nntasks import Batch, DataInfo, Dataset, Metric, Model, Split, Splits, Task, TaskConfig

class Part(Split):
    def __len__(self):
        return 2

    def batch(self, indices, *, epoch=None):
        return Batch(list(indices), list(indices), list(indices))

PARTS = Splits(Part(), Part(), Part(), DataInfo())

class Data(Dataset):
    def load(self, root):
        return PARTS

class Unloadable(Dataset):
    pass

class GivesATuple(Data):
    def load(self, root):
        return Part(), Part(), Part()

class GivesNoTest(Data):
    def load(self, root):
        return Splits(Part(), Part(), None, DataInfo())

class GivesAList(Data):
    def load(self, root):
        return Splits([1, 2], Part(), Part(), DataInfo())

class GivesNoInfo(Data):
    def load(self, root):
        return Splits(Part(), Part(), Part(), {})

class Fails(Data):
    def load(self, root):
        return {}["pictures"]

class Refuses(Data):
    def load(self, root):
        from nntasks.errors import UsageError
        raise UsageError("data.path: expected a folder")

class OddOptions(Data):
    Config = dict

class Constant(Model):
    def __init__(self, config, info, seeds):
        pass

    def fit(self, train, *, validation, run):
        pass

    def predict(self, batch):
        return [0 for _ in batch.ids]

    def state(self):
        return {}

    def load_state(self, state):
        pass

class NoState(Model):
    fit = predict = load_state = Constant.fit

    def __init__(self, config, info, seeds):
        pass

def abstract_inside(config, info, seeds):
    return NoState(config, info, seeds)

def none(config, info, seeds):
    pass

def by_name(*, config, info, seeds):
    return Constant(config, info, seeds)

def two(config, info):
    return Constant(config, info, None)

def breaks(config, info, seeds):
    return info.classes[0]

class Zero(Metric):
    number = "zero"

    def __init__(self, config, info):
        pass

    def reset(self):
        pass

    update = merge = reset

    def compute(self):
        return {self.number: 0.0}

    def definitions(self):
        return {self.number: "nothing"}

class Merges(Metric):
    def __init__(self, config, info):
        pass

    reset = update = compute = definitions = Zero.reset

class Config(TaskConfig):
    pass

class Good(Task):
    pass

class NoTask:
    pass

class OddConfig(Task):
    Config = dict

class TextHeadline(Task):
    headline = "accuracy"

class OddInit(Task):
    def __init__(self, config):
        pass

class LoadsATuple(Task):
    def load_data(self):
        return (1, 2)

class BuildsNone(Task):
    def build_model(self, info):
        return None

class ListsMetrics(Task):
    def build_metrics(self, info):
        return [Zero(None, None)]

class NotMetrics(Task):
    def build_metrics(self, info):
        return {"zero": 0}

class TwoZeros(Task):
    def build_metrics(self, info):
        return {"a": Zero(None, None), "b": Zero(None, None)}

class LogsNothing(nntasks.Logger):
    pass
"""


NAMES = {
    "tasks": "Good NoTask OddConfig TextHeadline OddInit LoadsATuple BuildsNone ListsMetrics "
    "NotMetrics TwoZeros PARTS",
    "models": "Constant NoState abstract_inside none by_name two breaks PARTS",
    "metrics": "Zero Merges two none PARTS",
    "datasets": "Data Unloadable GivesATuple GivesNoTest GivesAList GivesNoInfo Fails Refuses "
    "OddOptions Constant none",
    "exercises": "",
    "notebooks": "",
    "loggers": "LogsNothing Constant",
}


HOOKS = """
from nntasks import Entry, hookimpl

@hookimpl
def register_tasks():
    return [Entry("odd_task", "odd_things:NoTask", "s")]

@hookimpl
def register_models():
    return [Entry("odd_net", "odd_things:none", "s", ("toy",))]

@hookimpl
def register_metrics():
    return [Entry("odd_metric", "odd_things:Merges", "s", ("toy",))]

@hookimpl
def register_datasets():
    return [Entry("odd_data", "odd_things:GivesATuple", "s", ("toy",))]
"""
