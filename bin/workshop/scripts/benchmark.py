"""Run one benchmark of the repository and print its rows as a table."""

import importlib
import sys


def main(env, root, name):
    sys.path.insert(0, root)
    module = importlib.import_module(f"benchmarks.{name}")
    rows = [[_print(cell) for cell in row] for row in module.run(env) or []]
    print(f"\n{name}: {(module.__doc__ or '').strip().splitlines()[0]}")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        print("  " + "  ".join(cell.ljust(width) for cell, width in cells).rstrip())


def _print(cell):
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
