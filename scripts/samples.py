"""Files as agents hand them over, made by the libraries that make such files; for the pictures of the viewer."""

import io
import json
from typing import Any

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw, ImageFont

from tests.files import pieces

TOTALS = (("eu", 410), ("us", 560), ("apac", 250), ("latam", 140))
CODE = '''"""Adds up what each region sold."""

from collections import Counter


def totals(rows: list[tuple[str, float]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for region, amount in rows:
        found[region] += amount  # the sheet has one line a deal
    return found
'''
PLAN = "# Release plan\n\n1. Freeze on **Monday**\n2. Ship with `make deploy`\n\n| Step | Who |\n|---|---|\n| Freeze | Ada |\n| Ship | Bob |\n"
PAGE = b"<!doctype html><style>body { font: 16px Georgia; margin: 3rem; color: #234 }</style><h1>Quarter three</h1><p>As the agent wrote it."
DATA = {"quarter": 3, "regions": dict(TOTALS), "final": False, "notes": ["two deals open", None]}
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" rx="24" fill="#0b6b5d"/><circle cx="160" cy="100" r="56" fill="#fff"/></svg>'


def samples() -> dict[str, bytes]:
    return {
        "chart.png": chart(),
        "logo.svg": LOGO,
        "contract.pdf": pieces.printed("Signed by both sides"),
        "tone.wav": pieces.WAV,
        "agreement.docx": agreement(),
        "totals.xlsx": workbook(),
        "quarter.pptx": slides(),
        "totals.py": CODE.encode(),
        "plan.md": PLAN.encode(),
        "data.json": json.dumps(DATA).encode(),
        "notes.txt": b"Asked finance.\nThey answer tomorrow.\n",
        "page.html": PAGE,
        "bundle.zip": pieces.archive(**{"data/totals.csv": b"eu,410\n" * 40, "readme.txt": b"x"}),
        "core.bin": b"\xfe\xfd\0\1" * 99,
        "broken.zip": b"PK\x03\x04 no more",
    }


def chart(size: tuple[int, int] = (1440, 900)) -> bytes:
    image = Image.new("RGB", size, "#fbfaf8")
    pen, foot = ImageDraw.Draw(image), size[1] - 120
    pen.text(
        (90, 50), "Revenue by region, third quarter", "#1c1b19", font=ImageFont.load_default(34)
    )
    for n, (name, amount) in enumerate(TOTALS):
        left = 140 + n * 300
        colour = ("#0b6b5d", "#2b5d9b", "#8a5300", "#7a3e9d")[n]
        pen.rectangle((left, foot - amount, left + 160, foot), fill=colour)
        pen.text((left, foot + 20), name, "#57534d", font=ImageFont.load_default(22))
    return written(image.save, "PNG")


def agreement() -> bytes:
    document = docx.Document()
    document.add_heading("Agreement", 1)
    document.add_paragraph("What is handed over is looked at before it is signed. " * 6)
    document.add_heading("Terms", 2)
    for term in ("Thirty days", "No macros", "No pictures from elsewhere"):
        document.add_paragraph(term, style="List Bullet")
    document.add_picture(io.BytesIO(chart()), width=docx.shared.Inches(5))
    return written(document.save)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Totals"
    for n in range(40):
        book.worksheets[0].append(["Region", "Deal", "Total"] if n == 0 else ["eu", n, n * 1234.5])
    book.create_sheet("Sources").append(["finance"])
    return written(book.save)


def slides() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Quarter three"
    slide.placeholders[1].text = "Revenue up 12 %\nTwo deals open"
    slide.notes_slide.notes_text_frame.text = "Say this slowly."
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "By region"
    slide.shapes.add_picture(io.BytesIO(chart()), 0, 0)
    return written(show.save)


def written(save: Any, *more: str) -> bytes:
    out = io.BytesIO()
    save(out, *more)
    return out.getvalue()
