"""Files: what a long one costs in memory on its way in and out, and what thumbnails cost beside bare Pillow."""

import io
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from bench.report import row, section
from bench.waiters import LOOSE
from tests.processes import AgentClient, Server

MEGABYTE = 1024 * 1024
SIZE, PHOTOS = 100 * MEGABYTE, int(os.environ.get("PLACET_BENCH_PHOTOS", "100"))
WIDTH, HEIGHT, SMALL = 4000, 3000, 640
BOUNDARY = "b0undary"


def main() -> None:
    section("Files")
    _memory()
    _thumbnails()


def _memory() -> None:
    with Server(LOOSE) as server:
        robot = server.robot()
        assert server.popen is not None
        pid = server.popen.pid
        # The first of each loads what the later ones need.
        path = _upload(robot, MEGABYTE * 3)
        _download(robot, path)
        idle = _resident(pid, "VmRSS")
        for what, act in (("upload", lambda: _upload(robot, SIZE)), ("download", None)):
            Path(f"/proc/{pid}/clear_refs").write_text("5")
            started = time.perf_counter()
            path = act() if act else _download(robot, path)
            took = time.perf_counter() - started
            most = (_resident(pid, "VmHWM") - idle) / 1024
            figure = f"{most:.0f} MiB"
            row(
                f"memory above idle, {what} of 100 MiB",
                "≤ 32 MiB",
                figure,
                f"{took:.2f} s",
                held=most <= 32,
            )


def _upload(robot: AgentClient, size: int) -> str:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head.encode()
        for _ in range(size // MEGABYTE):
            yield b"\xfe" * MEGABYTE
        yield f"\r\n--{BOUNDARY}--\r\n".encode()

    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = robot.request("POST", "/api/v1/files/store", data=body(), headers=kind, timeout=300)
    assert answer.status_code == 201, answer.text
    return f"/api/v1/files/{answer.json()['id']}/download"


def _download(robot: AgentClient, path: str) -> str:
    with robot.request("GET", path, stream=True, timeout=300) as got:
        for _ in got.iter_content(MEGABYTE):
            pass
    return path


def _resident(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def _thumbnails() -> None:
    """The same photographs: by a loop around Pillow in this process, and by the workshop, a fork for each."""
    from files.making import Workshop

    with tempfile.TemporaryDirectory() as folder:
        photos = list(_photos(Path(folder)))
        shop = Workshop()
        shop.make(kind="image", source=photos[0], out=Path(folder), filename="")
        bare, ours = 0.0, 0.0
        # Side by side: whatever else this machine does meets both.
        for photo in photos:
            bare += _timed(lambda photo=photo: _bare(photo, Path(folder)))  # type: ignore[misc]
            ours += _timed(
                lambda photo=photo: shop.make(  # type: ignore[misc]
                    kind="image", source=photo, out=Path(folder), filename=""
                )
            )
        shop.close()
    ratio = ours / bare
    told = f"bare Pillow: {bare / PHOTOS * 1000:.0f} ms each"
    what = f"thumbnails of {PHOTOS} photos of 12 megapixels"
    figure = f"{ours / PHOTOS * 1000:.0f} ms each"
    row(what, "≤ 1.3 x bare Pillow", figure, told, ratio, held=ratio <= 1.3)


def _timed(act: Any) -> float:
    started = time.perf_counter()
    made = act()
    assert not (isinstance(made, dict) and "failed" in made), made
    return time.perf_counter() - started


def _bare(photo: Path, folder: Path) -> None:
    with Image.open(photo) as image:
        image.thumbnail((SMALL, SMALL))
        image.save(folder / "bare.jpg", quality=82)


def _photos(folder: Path) -> Iterator[Path]:
    """A dozen pictures with the detail of photographs, again and again."""
    made = [_photo(seed) for seed in range(12)]
    for number in range(PHOTOS):
        path = folder / f"{number}.photo.jpg"
        path.write_bytes(made[number % len(made)])
        yield path


def _photo(seed: int) -> bytes:
    image = Image.effect_noise((WIDTH, HEIGHT), 20 + seed).convert("RGB")
    draw = ImageDraw.Draw(image)
    for n in range(40):
        draw.ellipse(
            (n * 90, seed * 100, n * 90 + 900, seed * 100 + 900), outline=(n * 6, 90, 40), width=9
        )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
