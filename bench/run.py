"""Run every benchmark found here, or those named: `python -m bench.run [pages posting …]`."""

import importlib
import pkgutil
import sys
import traceback
from pathlib import Path

import bench
from bench import report

#: Not benchmarks themselves.
TOOLS = {"run", "report"}


def main(names: list[str]) -> int:
    broken = 0
    for name in names or found():
        module = importlib.import_module(f"bench.{name}")
        try:
            module.main()
        except Exception:  # noqa: BLE001 - one that cannot run must not hide the figures of the others
            traceback.print_exc()
            broken += 1
    return report.summary() + broken


def found() -> list[str]:
    names = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(bench.__file__).parent)])
    )
    return [name for name in names if name not in TOOLS and _has_main(name)]


def _has_main(name: str) -> bool:
    return "def main(" in (Path(bench.__file__).parent / f"{name}.py").read_text()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
