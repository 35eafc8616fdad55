"""Deploy pilot: approvals and forms before anything reaches production."""

from inbox.demo import papers
from inbox.demo.script import Answer, Ask, Cancelled, Line, Part, days, hours, minutes

GO = {
    "options": [
        {"id": "approve", "label": "Deploy", "style": "primary"},
        {"id": "later", "label": "After 18:00", "style": "secondary"},
        {"id": "reject", "label": "Do not deploy", "style": "danger"},
    ],
    "allowComment": True,
}

V2_1 = """Deploy **v2.1** to production?

| check | result |
|---|---|
| unit and browser tests | 1 284 passed |
| migrations | 1, adds a nullable column |
| error rate on staging, 24 h | 0.02 % |
| p95 on staging | 184 ms (was 191 ms) |

```diff
--- a/checkout/tax.py
+++ b/checkout/tax.py
@@ -41,7 +41,7 @@ def vat(country: str, net: Decimal) -> Decimal:
-    rate = RATES.get(country, DEFAULT)
+    rate = RATES[country]
     return (net * rate).quantize(CENT)
```

Rolling, four instances, about three minutes. Rollback is one click and needs no migration."""

ROLLBACK = """**v2.0.4 is failing for 3 % of checkouts** since 14:02. I stopped the rollout at one of four instances.

```
ValueError: unknown country code 'AX'
  File "checkout/tax.py", line 44, in vat
```

Roll that instance back to v2.0.3?"""

MIGRATION = """The index build on `orders` will hold a lock for about **40 s** on the primary.

```sql
CREATE INDEX orders_by_customer ON orders (customer_id, placed_at DESC);
```

`CONCURRENTLY` would avoid it, but fails inside our migration transaction. How shall I run it?"""

SCALE = {
    "fields": [
        {"name": "environment", "type": "select", "label": "Environment", "required": True,
         "options": [{"value": "staging", "label": "Staging"}, {"value": "prod", "label": "Production"}],
         "defaultValue": "staging"},
        {"name": "version", "type": "text", "label": "Version", "placeholder": "e.g. 2.1.0", "required": True},
        {"name": "instances", "type": "number", "label": "Instances", "min": 1, "max": 12, "step": 1,
         "defaultValue": 4},
        {"name": "share", "type": "range", "label": "Traffic for the new version", "min": 0, "max": 100,
         "step": 5, "unit": "%", "defaultValue": 10},
        {"name": "owner", "type": "email", "label": "Who is on call"},
        {"name": "runbook", "type": "url", "label": "Runbook"},
        {"name": "day", "type": "date", "label": "Day"},
        {"name": "time", "type": "time", "label": "Not before"},
        {"name": "freeze", "type": "datetime", "label": "Freeze until"},
        {"name": "notes", "type": "textarea", "label": "Notes for the release log"},
        {"name": "token", "type": "password", "label": "One-time deploy token",
         "description": "Encrypted at rest; only the agent that asks can read it."},
        {"name": "notify", "type": "checkbox", "label": "Tell the customers", "description": "Posts to the status page."},
    ],
    "submitLabel": "Start the rollout",
    "dismissLabel": "Not this week",
}  # fmt: skip

TOKEN = {
    "fields": [
        {"name": "token", "type": "password", "label": "One-time deploy token", "required": True},
        {"name": "reason", "type": "text", "label": "Reason"},
    ]
}

LOG = """12:00:04 deploy v2.1 to staging
12:00:31 migration 0041_order_note: done in 0.4 s
12:01:12 4 of 4 instances healthy
12:14:50 1284 tests passed, 0 failed
12:15:02 p95 184 ms, error rate 0.02 %
"""
COUNTRIES = (("AD", "Andorra"), ("AT", "Austria"), ("AX", "Åland Islands"), ("BE", "Belgium"))

PART = Part(
    name="Deploy pilot",
    description="Builds, rolls out and watches releases. Asks before anything reaches customers.",
    tag="production",
    reviewers=("ada", "bo"),
    lines=(
        Line(
            ago=days(6, hours(3)),
            text="Staging now runs **v2.0.3**. 1 271 tests passed.",
            status="success",
        ),
        Line(
            ago=days(6),
            text="Deploy **v2.0.3** to production?",
            ask=Ask(
                type="approval",
                payload=GO,
                end=Answer(
                    "ada",
                    minutes(6),
                    {"selectedOption": "approve", "comment": "Go. Watch the queue length."},
                    "Nice and small. Keep releases this size.",
                ),
            ),
        ),
        Line(
            ago=days(6, -minutes(14)),
            text="v2.0.3 is live on all four instances.",
            status="success",
        ),
        Line(
            ago=days(4, hours(2)),
            text="I need a fresh deploy token: the old one runs out at midnight.",
            ask=Ask(
                type="form",
                payload=TOKEN,
                end=Answer(
                    "olga",
                    minutes(22),
                    {"token": "dpl-7f31-only-a-demo", "reason": "rotation"},
                ),
            ),
        ),
        Line(
            ago=days(3, hours(1)),
            text="Deploy **v2.0.4-rc1** to production?",
            ask=Ask(type="approval", payload=GO, end=Cancelled(minutes(9))),
        ),
        Line(
            ago=days(3, minutes(50)),
            text="I took that question back: the release candidate failed its smoke test.",
            status="warning",
        ),
        Line(
            ago=days(2, hours(4)),
            text=ROLLBACK,
            status="error",
            ask=Ask(
                type="approval",
                payload={
                    "options": [
                        {"id": "rollback", "label": "Roll back", "style": "primary"},
                        {"id": "keep", "label": "Keep it running", "style": "ghost"},
                    ],
                    "allowComment": True,
                },
                lives=hours(1),
                end=Answer("bo", minutes(1.4), {"selectedOption": "rollback"}),
            ),
        ),
        Line(
            ago=days(2, hours(3.9)),
            text="Rolled back. The error rate is at **0.01 %** again. The Åland Islands were missing in the tax table.",
            status="success",
        ),
        Line(
            ago=days(2, hours(3.5)),
            by="bo",
            text="Thanks. Please add a test with every ISO code.",
            files=(papers.table("iso-3166.csv", ("code", "country"), COUNTRIES),),
        ),
        Line(ago=days(2, hours(3.4)), text="Done: `tests/test_tax.py::test_every_country`."),
        Line(
            ago=days(1, hours(8)),
            text="May I restart the staging workers to pick up the new certificate?",
            ask=Ask(type="approval", payload=GO, lives=hours(4)),
        ),
        Line(
            ago=days(1, hours(5)),
            text="Rollout plan for **v2.2**: please fill in what you know.",
            ask=Ask(
                type="form",
                payload=SCALE,
                lives=hours(12),
                end=Answer("ada", minutes(35), {"_dismissed": True}),
            ),
        ),
        Line(
            ago=hours(5),
            text=MIGRATION,
            status="warning",
            ask=Ask(
                type="selection",
                payload={
                    "mode": "single",
                    "items": [
                        {
                            "id": "night",
                            "label": "Tonight at 03:00",
                            "description": "Locks for 40 s when nobody is there.",
                        },
                        {
                            "id": "concurrent",
                            "label": "Split the migration",
                            "description": "No lock; one more release.",
                        },
                        {
                            "id": "now",
                            "label": "Now",
                            "description": "About 200 checkouts would wait.",
                        },
                    ],
                    "submitLabel": "Run it this way",
                    "dismissLabel": "Drop the index",
                },
                lives=hours(20),
            ),
        ),
        Line(
            ago=hours(1.2),
            text="Staging passed with **v2.1**. May I clear its cache before the last check?",
            ask=Ask(
                type="approval",
                payload={},
                end=Answer("ada", minutes(1.2), {"selectedOption": "approve"}),
            ),
        ),
        Line(
            ago=minutes(41),
            text="Gradual rollout of **v2.1**: how far, how fast, and who is on call?",
            ask=Ask(type="form", payload=SCALE, lives=hours(30)),
        ),
        Line(
            ago=minutes(11),
            text=V2_1,
            metadata={"commit": "9f31c2e", "pipeline": 4821},
            files=(
                papers.chart(
                    "p95-staging.png",
                    "p95 on staging, ms",
                    papers.VERDIGRIS,
                    seed=7,
                    size=(960, 540),
                ),
                papers.text("staging.log", LOG),
            ),
            ask=Ask(type="approval", payload=GO, lives=minutes(25)),
        ),
    ),
)
