"""Invoice reader: reads what suppliers send, asks where it is not sure."""

from inbox.demo import papers
from inbox.demo.script import Answer, Ask, Cancelled, Line, Part, days, hours, minutes

READ = """**Nordlicht Druck GmbH**, invoice `2026-1180`

| position | net | VAT |
|---|--:|--:|
| 5 000 leaflets, A5 | 412.00 € | 19 % |
| Courier | 18.90 € | 19 % |
| **to pay** | **512.77 €** | |

The purchase order says 4 000 leaflets. Pay anyway?"""

BATCH = """These four invoices have no purchase order. Which may I pay?

1. *Hosting, October*: 219.00 €
2. *Coffee beans*: 84.60 €
3. *Conference, two tickets*: 1 180.00 €
4. *"Domain renewal service"*: 289.00 €, smells like a scam"""

PAY = {
    "options": [
        {"id": "pay", "label": "Pay", "style": "primary"},
        {"id": "ask", "label": "Ask the supplier", "style": "secondary"},
        {"id": "refuse", "label": "Refuse", "style": "danger"},
    ],
    "allowComment": True,
}
ITEMS = [
    {"id": "hosting", "label": "Hosting, October", "description": "219.00 €"},
    {"id": "coffee", "label": "Coffee beans", "description": "84.60 €"},
    {"id": "conference", "label": "Conference, two tickets", "description": "1 180.00 €"},
    {"id": "domain", "label": "Domain renewal service", "description": "289.00 €"},
]
ACCOUNT = {
    "fields": [
        {"name": "account", "type": "select", "label": "Account", "required": True,
         "options": ["4930 Office supplies", "4806 Maintenance", "4980 Other"]},
        {"name": "amount", "type": "number", "label": "Net amount", "min": 0, "step": 0.01, "unit": "€", "required": True},
        {"name": "due", "type": "date", "label": "Due on"},
        {"name": "recurring", "type": "checkbox", "label": "Comes every month"},
    ],
    "submitLabel": "Book it",
    "dismissLabel": "Not ours",
}  # fmt: skip

PRINTED = (
    ("5 000 leaflets, A5", "412.00 EUR"),
    ("Courier", "18.90 EUR"),
    ("VAT, 19 %", "81.87 EUR"),
)

PART = Part(
    name="Invoice reader",
    description="Reads incoming invoices, matches them with orders and prepares payments.",
    tag="finance",
    reviewers=("ada",),
    lines=(
        Line(ago=days(6, hours(1)), text="Read **38 invoices**, matched 36 of them with orders.", status="success"),
        Line(
            ago=days(5, hours(6)),
            text=BATCH,
            ask=Ask(
                type="selection",
                payload={"mode": "multi", "items": ITEMS, "submitLabel": "Pay these"},
                end=Answer(
                    "ada",
                    hours(1.2),
                    {"selectedIds": ["hosting", "coffee"]},
                    "The conference was cancelled. The fourth *is* a scam, please block the sender.",
                ),
            ),
        ),
        Line(ago=days(5, hours(4.5)), text="Paid two, refused two, blocked one sender.", status="success"),
        Line(
            ago=days(4, hours(5)),
            text="Which cost centre does *Werkstatt Ahlers* belong to?",
            ask=Ask(
                type="form",
                payload=ACCOUNT,
                end=Answer(
                    "ada",
                    minutes(17),
                    {"account": "4806 Maintenance", "amount": 348.5, "due": "2026-12-01", "recurring": False},
                ),
            ),
        ),
        Line(
            ago=days(3, hours(7)),
            text="A reminder from *Stadtwerke* came, for an invoice I never saw. What is it for?",
            ask=Ask(
                type="form",
                payload=ACCOUNT,
                lives=hours(6),
            ),
        ),
        Line(
            ago=days(3, hours(5)),
            text="Two suppliers share this bank account. Which one sent it?",
            ask=Ask(
                type="selection",
                payload={
                    "mode": "single",
                    "items": [{"id": "a", "label": "Ahlers & Sohn"}, {"id": "b", "label": "Ahlers Werkstatt"}],
                    "dismissLabel": "Neither",
                },
                end=Answer("olga", hours(2), {"_dismissed": True}),
            ),
        ),
        Line(
            ago=days(2, hours(2)),
            text="Is this a duplicate of `2026-1102`?",
            ask=Ask(
                type="selection",
                payload={"mode": "single", "items": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]},
                end=Cancelled(minutes(4)),
            ),
        ),
        Line(ago=days(2, hours(1.9)), text="Found it out myself: the amounts differ by the courier's fee.", status="info"),
        Line(ago=days(1, hours(3)), by="ada", text="Please hold everything from *Nordlicht Druck* until I am back on Thursday."),
        Line(ago=days(1, hours(2.9)), text="Held: one invoice so far, 512.77 €.", status="warning"),
        Line(
            ago=days(1, hours(2)),
            text="Which of last month's subscriptions may go?",
            ask=Ask(
                type="selection",
                payload={"mode": "multi", "items": ITEMS[:3], "submitLabel": "Cancel these"},
                lives=hours(8),
            ),
        ),
        Line(
            ago=hours(22),
            text="I cannot open `scan_0441.pdf`. May I ask the supplier for a new copy?",
            ask=Ask(type="form", payload=ACCOUNT, end=Cancelled(minutes(50))),
        ),
        Line(
            ago=hours(3),
            text=BATCH,
            ask=Ask(
                type="selection",
                payload={"mode": "multi", "items": ITEMS, "submitLabel": "Pay these", "dismissLabel": "None of them"},
                lives=hours(9),
            ),
        ),
        Line(
            ago=minutes(19),
            text=READ,
            metadata={"supplier": "Nordlicht Druck GmbH", "invoice": "2026-1180", "total": 512.77},
            files=(papers.invoice("2026-1180.pdf", "Nordlicht Druck GmbH", PRINTED, "512.77 EUR"),),
            ask=Ask(type="approval", payload=PAY, lives=hours(4)),
        ),
    ),
)  # fmt: skip
