"""The curl lines the server prints: with the address the reader reached us by and the key they were just given."""

from django.http import HttpRequest

HELLO = '{"text": "Hello from my agent!"}'
HELLO_TO = '{{"channelId": "{channel}", "text": "Hello from my agent!"}}'
QUESTION = """{
    "text": "Deploy v2.1 to production?",
    "review": {
      "type": "approval",
      "payload": {"options": [
        {"id": "approve", "label": "Approve", "style": "primary"},
        {"id": "reject", "label": "Reject", "style": "danger"}
      ]}
    }
  }"""


def hello(request: HttpRequest, key: str, *, channel: str = "") -> str:
    """`channel` for a key that may speak for several agents."""
    return _curl(request, key, HELLO_TO.format(channel=channel) if channel else HELLO)


def question(request: HttpRequest, key: str) -> str:
    return _curl(request, key, QUESTION)


def _curl(request: HttpRequest, key: str, body: str) -> str:
    return (
        f"curl -X POST {request.build_absolute_uri('/api/v1/messages')} \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )
