"""The verb `plugin check`: findings and exit codes."""

from __future__ import annotations

from command_line import ROOT


class TestCheck:
    def test_a_failed_check_ends_with_4_and_is_named(self, cli_here, monkeypatch):
        import nntasks_toy.task

        monkeypatch.setattr(nntasks_toy.task.Accuracy, "merge", lambda self, other: None)
        done = cli_here("plugin", "check", "toy", "data.points=16")
        assert done.returncode == 4
        assert "FAILED       toy, task toy: laws of metrics: merge() must equal" in done.stdout
        assert "not checked  toy, data set costly: entry: " in done.stdout
        (line,) = done.stderr.strip().splitlines()
        assert "checks failed, first toy, task toy: laws of metrics" in line

    def test_keys_alone_are_for_all_third_parties(self, cli_here):
        done = cli_here("plugin", "check", "data.points=16")
        assert done.returncode == 0, done.stdout
        assert {line.split()[-1] for line in done.stdout.splitlines()} >= {"entry", "resume"}

    def test_a_built_in_plugin_by_name(self, cli_here):
        done = cli_here("plugin", "check", "numpy_mlp", "hidden_sizes=4")
        assert done.returncode == 0, done.stdout
        assert "ok           numpy_mlp, task numpy_mlp: resume" in done.stdout
        assert (
            "not checked  numpy_mlp, model lenet: built from its seeds: model=lenet: expected "
            in (done.stdout)
        )

    def test_an_unknown_name(self, cli_here):
        done = cli_here("plugin", "check", "tou")
        assert done.returncode == 2
        assert "no plugin 'tou' is installed. Did you mean 'toy'?" in done.stderr

    def test_a_quarantined_plugin_fails(self, cli_here, monkeypatch):
        monkeypatch.syspath_prepend(str(ROOT / "tests" / "broken_plugin"))
        done = cli_here("plugin", "check", "broken")
        assert done.returncode == 4
        assert "FAILED       broken, plugin: loads: it is quarantined: Module" in done.stdout
