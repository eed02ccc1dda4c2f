"""`explain`: explain one prediction."""

from __future__ import annotations

from pathlib import Path

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json
from nntasks.cli.predict import split_words
from nntasks.errors import UsageError


@click.command("explain")
@click.argument("target", metavar="RUN|TASK")
@click.argument("words", nargs=-1, required=True, metavar="SOURCE [KEY=VALUE]...")
@click.option("--weights", type=USER_PATH, help="Weights file or run; required with TASK.")
@json_flag
def explain_verb(target: str, words: tuple[str, ...], weights: Path | None, as_json: bool) -> None:
    """Explain one number in a model's output for SOURCE.

    \b
    nntasks explain runs/yolo_detect/latest photo.jpg box=0      the best box
    nntasks explain runs/yolo_detect/latest photo.jpg row=1234   a row of the raw output
    nntasks explain runs/cnn_classify/latest photo.jpg label=cat
    nntasks explain runs/unet_segment/latest photo.jpg pixel=40,30 figure=why.png
    nntasks explain runs/word2vec/latest paris context=france
    nntasks explain runs/word2vec/latest king analogy=man,woman
    """
    from nntasks.runner import prediction

    sources, keys = split_words(words)
    if len(sources) != 1:
        raise UsageError(f"expected one SOURCE, got {len(sources)}: {', '.join(sources) or 'none'}")
    explanation = prediction.explain(target, weights, sources[0], keys)
    if as_json:
        print_json(explanation.to_dict())
    else:
        click.echo(str(explanation))
