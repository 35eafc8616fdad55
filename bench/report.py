"""What a benchmark prints: the goal, the figure, and the baseline taken in the same run. On shared cores the ratio counts, not the figure.

A module of `bench/` has a `main()` that calls `section(title)` and then `row(…)` once for each thing measured.
`bench/run.py` runs all of them.
"""

from dataclasses import dataclass, field

WIDTHS = (58, 26, 16, 30, 9)
HEADS = ("what", "goal", "figure", "baseline", "ratio")


@dataclass(frozen=True)
class Row:
    what: str
    goal: str
    figure: str
    baseline: str = ""
    ratio: str = ""
    held: bool | None = None


@dataclass
class Report:
    rows: list[Row] = field(default_factory=list)


REPORT = Report()


def section(title: str) -> None:
    print(f"\n{title}")
    print(_line(HEADS))
    print("  ".join("─" * width for width in WIDTHS), flush=True)


def row(
    what: str,
    goal: str,
    figure: str,
    baseline: str = "",
    ratio: str | float = "",
    *,
    held: bool | None = None,
) -> None:
    """One measurement. `ratio`: figure to baseline; `held`: whether the goal was met, None where it is only told."""
    shown = f"{ratio:.2f} x" if isinstance(ratio, float) else ratio
    one = Row(what, goal, figure, baseline, shown, held)
    REPORT.rows.append(one)
    mark = {None: " ", True: "✓", False: "✗"}[held]
    print(f"{_line((what, goal, figure, baseline, shown))} {mark}", flush=True)


def summary() -> int:
    """The last line; how many goals were missed."""
    judged = [one for one in REPORT.rows if one.held is not None]
    missed = [one for one in judged if not one.held]
    print(f"\n{len(judged) - len(missed)} of {len(judged)} goals met.")
    for one in missed:
        print(f"  missed: {one.what}: {one.figure} (goal {one.goal})")
    return len(missed)


def ms(seconds: float) -> str:
    """Three figures that matter: 0.052 ms, 4.18 ms, 1 203 ms."""
    value = seconds * 1000
    return (
        f"{value:.3f} ms" if value < 1 else f"{value:.2f} ms" if value < 100 else f"{value:,.0f} ms"
    )


def median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True))
