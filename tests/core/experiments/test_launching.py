"""`launcher=` and its options: taken out of the words, checked before any work."""

from __future__ import annotations

import pytest

from nntasks import Entry, Launcher
from nntasks.errors import MissingError, PluginError
from nntasks.experiments import launching
from nntasks.registry import Plugin
from nntasks.registry.discovery import collect


class NoJobs(Launcher):
    def __init__(self, config, folder):
        """Take no `jobs`."""

    def submit(self, commands):
        return []


def registry_of(target, **more):
    entry = Entry("mine", target, "s", **more)
    return collect([Plugin("odd", "odd 1.0", entries=(("launchers", entry),))])


def test_the_words_of_a_command_are_divided():
    words = ["lr=1,2", "launcher=slurm", "launcher.partition=a,b", "launcher.gpus=2", "seeds=3"]
    choice, others = launching.split(words, 4)
    assert choice == launching.Choice("slurm", {"partition": "a,b", "gpus": "2"}, 4)
    assert others == ["lr=1,2", "seeds=3"]
    assert launching.split(["lr=1"]) == (launching.Choice(), ["lr=1"])


def test_keys_of_python_are_divided_alike():
    keys = {"lr": [1, 2], "launcher": "ray", "launcher_options": {"num_cpus": 2}}
    expected = (launching.Choice("ray", {"num_cpus": "2"}), {"lr": [1, 2]})
    assert launching.split_keys(keys) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("launcher=slum",), "unknown launcher 'slum'. Did you mean 'slurm'?"),
        (("launcher.gpus=2",), "unknown key launcher.gpus. Known keys: none."),
    ],
)
def test_a_wrong_word_is_one_line_before_any_work(cli_here, tmp_path, words, message):
    for verb in (("ablate", "toy", "width=4,8"), ("tune", "toy", "--space", "width=4,8")):
        done = cli_here(*verb, *words, "--out", tmp_path)
        assert done.returncode == 2
        assert done.stderr.strip() == f"nntasks: {message}"
        assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    registry = registry_of("json:dumps", requires=("a_scheduler",))
    monkeypatch.setattr(launching, "discover", lambda: registry)
    with pytest.raises(MissingError, match=r"launcher 'mine' needs a_scheduler.*pip install a_sc"):
        launching.Choice("mine").checked()


def test_what_is_no_launcher_is_blamed_on_its_plugin(monkeypatch, tmp_path):
    monkeypatch.setattr(launching, "discover", lambda: registry_of("json:dumps"))
    with pytest.raises(PluginError, match=r"odd 1.0.*'mine' is not a subclass of nntasks.Launcher"):
        launching.Choice("mine").checked()
    monkeypatch.setattr(launching, "discover", lambda: registry_of(f"{__name__}:NoJobs"))
    with pytest.raises(PluginError, match="launcher 'mine' cannot be made: TypeError"):
        launching.Choice("mine").made(tmp_path)


@pytest.mark.parametrize("text", ["list launchers", "list plugins"])
def test_they_are_listed(cli_here, text):
    done = cli_here(*text.split())
    assert done.returncode == 0
    assert ("slurm" if "launchers" in text.split()[1] else "launchers") in done.stdout
