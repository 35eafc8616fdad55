"""Nightly crawler: works while people sleep, asks in the morning."""

from inbox.demo import papers
from inbox.demo.script import Answer, Ask, Cancelled, Line, Part, days, hours, minutes

REPORT = """Crawled **18 402 pages** in 3 h 12 min.

| | tonight | last night |
|---|--:|--:|
| new | 211 | 187 |
| changed | 1 904 | 2 010 |
| gone | 46 | 39 |
| errors | 12 | 3 |

- [x] sitemap written
- [x] search index refreshed
- [ ] 12 pages answered with `503`, I try them again tonight"""

ROBOTS = """`shop.example` changed its `robots.txt` and now forbids `/reviews/`:

```
User-agent: *
Disallow: /reviews/
```

I have **3 120 pages** from there. I stopped reading them; what happens to the old ones?"""

ERRORS = [(f"https://shop.example/item/{n}", 503) for n in range(4101, 4113)]
PICTURES = tuple(
    papers.chart(name, title, colour, seed=seed, size=(800, 600))
    for seed, (name, title, colour) in enumerate(
        (
            ("pages.png", "Pages a night", papers.VERDIGRIS),
            ("seconds.png", "Seconds a page", papers.OCHRE),
            ("errors.png", "Errors", papers.BRICK),
        )
    )
)

PART = Part(
    name="Nightly crawler",
    description="Reads partners' catalogues every night and keeps the search index fresh.",
    tag="data",
    reviewers=("ada", "bo"),
    lines=(
        Line(ago=days(6, hours(5)), text="Crawled 17 930 pages, 3 errors.", status="success"),
        Line(
            ago=days(5, hours(5)),
            text="The price of *Model K* fell from 149 € to **1.49 €** at one partner. Take it over?",
            status="warning",
            ask=Ask(
                type="approval",
                payload={},
                end=Answer("bo", hours(2.5), {"selectedOption": "reject"}, "A typo of theirs. I wrote to them."),
            ),
        ),
        Line(
            ago=days(4, hours(8)),
            text="A partner moved its catalogue behind a sign-in. Please connect our account.",
            ask=Ask(type="link", payload={"url": "https://partner.example/connect?for=crawler", "provider": "Partner A"},
                    end=Answer("ada", minutes(25), {"done": True})),
        ),
        Line(ago=days(4, hours(5)), text="Crawled 18 115 pages, no errors.", status="success"),
        Line(
            ago=days(3, hours(5)),
            text="Which selectors hold the new price box?",
            ask=Ask(type="freeform", payload={"schema": {"price": "CSS selector", "stock": "CSS selector"}}, lives=hours(10)),
        ),
        Line(
            ago=days(3, hours(4.8)),
            text="Partner B wants to see who reads its feed.",
            ask=Ask(type="link", payload={"url": "https://feeds.example/verify"}, lives=hours(8)),
        ),
        Line(
            ago=days(3, hours(4.5)),
            text="A partner asks us to sign their new terms for crawlers.",
            ask=Ask(type="signature", payload={"document": "crawler-terms-2026.pdf", "pages": 4},
                    end=Answer("olga", hours(3), {"signed": True, "name": "Olga Owner"})),
        ),
        Line(
            ago=days(2, hours(5)),
            text="May I try headless browsing for two partners?",
            ask=Ask(type="freeform", payload={"schema": {"partners": ["string"]}}, end=Cancelled(hours(1))),
        ),
        Line(
            ago=days(2, hours(4.5)),
            text="The storage of our pictures asks for a new sign-in.",
            ask=Ask(type="link", payload={"url": "https://pictures.example/oauth", "provider": "the picture store"}, end=Cancelled(minutes(9))),
        ),
        Line(ago=days(2, hours(4)), text="Not needed any more: both have a feed.", status="info"),
        Line(ago=days(1, hours(5)), text="I could not start: the disk was full. 2.1 GB are free again.", status="error"),
        Line(ago=days(1, hours(4.5)), by="ada", text="I doubled the disk. Please write when less than 5 GB are left."),
        Line(ago=days(1, hours(4.4)), text="Will do. 41 GB are free now.", status="success"),
        Line(ago=hours(6), text=REPORT, status="success", files=(papers.table("errors.csv", ("page", "status"), ERRORS),)),
        Line(ago=hours(5.9), text="The week in three pictures.", files=PICTURES),
        Line(
            ago=hours(5.8),
            text=ROBOTS,
            ask=Ask(
                type="approval",
                payload={
                    "options": [
                        {"id": "delete", "label": "Delete them", "style": "primary"},
                        {"id": "keep", "label": "Keep until they are 30 days old", "style": "secondary"},
                        {"id": "legal", "label": "Ask our lawyer", "style": "ghost"},
                    ]
                },
                lives=hours(34),
            ),
        ),
        Line(
            ago=hours(5.5),
            text="Map the new categories, please. I know only the left side.",
            ask=Ask(
                type="freeform",
                payload={"schema": {"Garden & Outdoor": "our category", "Smart Home": "our category"}},
                lives=hours(15),
            ),
        ),
        Line(
            ago=hours(5.45),
            text="The sign-in at Partner A ends tomorrow. Please renew it.",
            ask=Ask(type="link", payload={"url": "https://partner.example/connect?for=crawler", "provider": "Partner A"}, lives=hours(20)),
        ),
        Line(
            ago=hours(5.4),
            text="A partner's terms changed again; nobody has taught me this kind of question, so you see it as JSON.",
            ask=Ask(type="signature", payload={"document": "crawler-terms-2027.pdf", "pages": 6}, lives=hours(32)),
        ),
    ),
)  # fmt: skip
