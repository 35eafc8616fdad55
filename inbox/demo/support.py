"""Support drafts: writes answers to customers, a person sends them."""

from inbox.demo import papers
from inbox.demo.script import Answer, Ask, Cancelled, Line, Part, days, hours, minutes

LATE = """Ticket **#5120**, *"Where is my order?"*, Marta K.

> I ordered on the 3rd and it still says "packed". It is a birthday present!

The parcel was lost at the depot; a new one can leave today and arrive tomorrow. My draft:"""

DRAFT = """Hello Marta,

I am sorry: your parcel was lost at our depot. A new one leaves **today** with express delivery and arrives tomorrow before noon. The shipping costs go back to you.

Happy birthday to whoever gets it!"""

REFUND = """Ticket **#5098**: the customer wants a refund after 43 days; our terms say 30. She has been with us since 2019, 61 orders, two returns.

What shall I offer?"""

PART = Part(
    name="Support drafts",
    description="Drafts answers to customers. Nothing is sent without a person.",
    tag="customers",
    reviewers=("bo",),
    lines=(
        Line(ago=days(6, hours(4)), text="14 drafts written, 11 sent unchanged. Median answer time **9 minutes**.", status="success"),
        Line(
            ago=days(5, hours(2)),
            text="Ticket **#5031**: the customer asks for the invoice in French. My draft:",
            ask=Ask(
                type="text-input",
                payload={"markdown": True, "prefill": "Bonjour,\n\nvoici votre facture.", "minLength": 10, "maxLength": 2000, "submitLabel": "Send"},
                end=Answer(
                    "bo",
                    minutes(12),
                    {"text": "Bonjour Madame,\n\nveuillez trouver votre facture ci-jointe.\n\nBien cordialement"},
                    "Always begin with *Bonjour Madame* or *Bonjour Monsieur*.",
                ),
            ),
        ),
        Line(
            ago=days(4, hours(3)),
            text="Ticket **#5044** has been quiet for a week. A last word before I close it?",
            ask=Ask(
                type="text-input",
                payload={"placeholder": "A last word…", "dismissLabel": "Close without a word"},
                end=Answer("bo", minutes(48), {"_dismissed": True}),
            ),
        ),
        Line(
            ago=days(3, hours(6)),
            text=REFUND,
            ask=Ask(
                type="selection",
                payload={
                    "mode": "single",
                    "items": [
                        {"id": "full", "label": "Full refund"},
                        {"id": "voucher", "label": "Voucher", "description": "The full amount, valid for two years"},
                        {"id": "no", "label": "No refund"},
                    ],
                },
                end=Answer("bo", minutes(31), {"selectedIds": ["voucher"]}),
            ),
        ),
        Line(ago=days(3, hours(5.2)), by="bo", text="From now on, offer the voucher yourself when someone has more than 20 orders."),
        Line(ago=days(3, hours(5.1)), text="Noted: voucher up to 60 days when there are more than 20 orders and fewer than five returns."),
        Line(
            ago=days(2, hours(8)),
            text="A journalist asks how we use AI. What may I say?",
            status="warning",
            ask=Ask(type="text-input", payload={"markdown": True, "minLength": 20}, lives=hours(6)),
        ),
        Line(
            ago=days(2, hours(1)),
            text="Ticket **#5090**: is the blue one back in stock on Friday?",
            ask=Ask(type="text-input", payload={"maxLength": 280}, end=Cancelled(minutes(20))),
        ),
        Line(ago=days(2, minutes(38)), text="The shop system answered: yes, 40 pieces on Friday.", status="info"),
        Line(
            ago=days(1, hours(4)),
            text="The mail server refuses our bounce address, so 3 answers hang. I try again every 10 minutes.",
            status="error",
        ),
        Line(
            ago=hours(26),
            text="Sort these complaints, please: I was wrong about a third of them last week.",
            ask=Ask(
                type="freeform",
                payload={"schema": {"type": "object", "properties": {"5101": {"enum": ["delivery", "quality", "price"]}, "5102": {"enum": ["delivery", "quality", "price"]}}}},
                end=Answer("olga", hours(1), {"5101": "delivery", "5102": "price"}),
            ),
        ),
        Line(
            ago=hours(7),
            text="Ticket **#5115**, a customer from 2017 says goodbye. A personal word from you?",
            ask=Ask(
                type="text-input",
                payload={"placeholder": "Two sentences are enough…", "minLength": 10, "maxLength": 600, "dismissLabel": "Use the standard text"},
                lives=hours(28),
            ),
        ),
        Line(
            ago=hours(1.6),
            text="Ticket **#5118**: may I send the standard answer about the size chart?",
            ask=Ask(type="approval", payload={}, end=Answer("bo", minutes(3), {"selectedOption": "approve"})),
        ),
        Line(
            ago=minutes(6),
            text=LATE,
            files=(papers.tones("voicemail.wav", (392, 494, 587, 494)),),
            ask=Ask(
                type="text-input",
                payload={"markdown": True, "prefill": DRAFT, "minLength": 20, "maxLength": 4000, "submitLabel": "Send to Marta", "dismissLabel": "I will call her"},
                lives=hours(2),
            ),
        ),
    ),
)  # fmt: skip
