"""Turn CUDA sources into C++ for the emulated device of cuda_runtime.h."""

from __future__ import annotations

import re


def closing(text: str, start: int) -> int:
    """Return the place of the parenthesis that closes the one at `start`."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    raise ValueError(f"no closing parenthesis after: {text[start : start + 60]!r}")


def split_arguments(text: str) -> list[str]:
    """Split at the commas that are in no parentheses."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def translate_launches(text: str) -> str:
    """Write kernel<<<grid, block, shared, stream>>>(arguments) as a call of emulated::launch."""
    pieces, done = [], 0
    for launch in re.finditer(r"([\w:]+(?:<[\w:, ]+>)?)<<<(.*?)>>>\s*\(", text, re.DOTALL):
        end = closing(text, launch.end() - 1)
        grid, block, *_ = split_arguments(launch[2])
        call = f"[](auto... each) {{ {launch[1]}(each...); }}"
        pieces.append(text[done : launch.start()])
        pieces.append(f"emulated::launch({grid}, {block}, {call}, ")
        pieces.append(text[launch.end() : end + 1])
        done = end + 1
    return "".join([*pieces, text[done:]])


def translate(text: str) -> str:
    """Return the source as C++ whose ops are registered for tensors of the CPU."""
    text = translate_launches(text)
    text = text.replace("torch::stable::accelerator::DeviceGuard", "emulated::DeviceGuard")
    return text.replace("IMPL(nntasks, CUDA,", "IMPL(nntasks, CPU,")
