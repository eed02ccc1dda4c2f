"""The command line: parse, call, print. One file per verb or family of verbs."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from typing import Any

import click

from nntasks import garbage
from nntasks.cli import streams
from nntasks.errors import NNTasksError, UsageError, did_you_mean
from nntasks.machine import ending, parent
from nntasks.machine.kernels import check_choice
from nntasks.machine.waiting import wait_asleep

# Verb -> (module, summary). Each module is imported when its verb is used.
VERBS = {
    "list": (
        "nntasks.cli.list",
        "List what plugins provide: tasks, models, metrics, data sets and more.",
    ),
    "info": ("nntasks.cli.info", "Show every key of a task: default, range, meaning."),
    "run": ("nntasks.cli.run", "Train or load, evaluate and report."),
    "evaluate": ("nntasks.cli.evaluate", "Evaluate a finished run again."),
    "verify": ("nntasks.cli.verify", "Recheck a finished run, to the last bit."),
    "predict": ("nntasks.cli.predict", "Apply a model to files; write pictures, JSON and CSV."),
    "score": ("nntasks.cli.score", "Score any program's predictions by every convention."),
    "explain": ("nntasks.cli.explain", "Explain one prediction of a model."),
    "ablate": ("nntasks.cli.ablate", "Run combinations of keys with several seeds, and compare."),
    "tune": ("nntasks.cli.tune", "Search for the best values of keys."),
    "lr-find": ("nntasks.cli.lr_find", "Suggest a learning rate: the range test."),
    "check-gradients": (
        "nntasks.cli.check_gradients",
        "Compare gradients with numerical differences.",
    ),
    "compare": ("nntasks.cli.compare", "Compare finished runs."),
    "runs": ("nntasks.cli.runs", "List, filter, tag and remove runs."),
    "bench": ("nntasks.cli.bench", "Measure the speed of the kernels."),
    "doctor": ("nntasks.cli.doctor", "Check versions, devices, kernels, data and plugins."),
    "data": ("nntasks.cli.data", "List, fetch and verify data sets."),
    "grade": ("nntasks.cli.grade", "Grade a student's functions: points and reasons."),
    "course": ("nntasks.cli.course", "Copy the notebooks of the course and open them."),
    "plugin": ("nntasks.cli.plugin", "Create and check plugins."),
}


# A group without words; before click 8.2 it prints its help by itself.
_NO_WORDS: tuple[type[click.UsageError], ...] = tuple(
    found for found in [getattr(click.exceptions, "NoArgsIsHelpError", None)] if found
)


class Verbs(click.Group):
    """The verbs; each is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*VERBS]  # `list` is a module of this package, once the verb was used

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(VERBS[cmd_name][0])
        return getattr(module, f"{cmd_name.replace('-', '_')}_verb")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], VERBS) or f" Known: {', '.join(VERBS)}."
            raise UsageError(f"unknown verb {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, summary) for verb, (_, summary) in VERBS.items()])


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: python -m nntasks run yolo_detect. Use VERB --help for details.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
@click.version_option(package_name="nntasks", prog_name="nntasks")
def nntasks(debug: bool) -> None:
    """Neural-network tasks as plugins: run, evaluate, predict, explain."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and end the process with its exit code."""
    from nntasks.cli.log_lines import clean_warnings

    wait_asleep()
    garbage.own_process()
    clean_warnings()
    words = sys.argv[1:] if arguments is None else arguments
    with streams.kept() as problem_of_stdout:
        code = _code(words)
        problem = problem_of_stdout()
        if problem and not code:
            code = _fail(problem, 1)
    ending.end(code)


def _code(words: list[str]) -> int:
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        check_choice()
        parent.obey_launcher()
        code = nntasks.main(words, prog_name="nntasks", standalone_mode=False, obj=words)
    except click.exceptions.Abort:
        return _fail("interrupted", 130)
    except click.NoSuchOption as error:
        return _fail(_no_such_option(error), 2)
    except _NO_WORDS as error:
        error.show()  # the help, line by line
        return 2
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except NNTasksError as error:
        if debug:
            raise
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except (MemoryError, RuntimeError) as error:
        if debug or not _is_out_of_memory(error):
            raise
        advice = "choose a smaller model, batch or data set"
        return _fail(f"out of memory ({error}); {advice}", 1)
    return code if isinstance(code, int) else 0


def _is_out_of_memory(error: BaseException) -> bool:
    """Return whether NumPy or torch, on a CPU or GPU, ran out of memory."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or ("allocate" in text and "memory" in text)


def _no_such_option(error: click.NoSuchOption) -> str:
    """Suggest the nearest option, or `key=value` if the option looks like a key."""
    near = difflib.get_close_matches(error.option_name, error.possibilities or (), 1, cutoff=0.8)
    if near:
        return f"unknown option {error.option_name}. Did you mean {near[0]}?"
    name = error.option_name.lstrip("-").replace("-", "_")
    return (
        f"unknown option {error.option_name}; --help lists the options. "
        f"A key is written without dashes: {name}=VALUE"
    )


def _fail(message: str, code: int) -> int:
    from nntasks.report.formatting import clean

    line = clean(" ".join(message.split()))
    if not parent.report_to_launcher(line, code):
        rank = os.environ.get("RANK", "0")
        who = f"nntasks (process {rank})" if rank.isdigit() and int(rank) else "nntasks"
        print(f"{who}: {line}", file=sys.stderr)
    return code
