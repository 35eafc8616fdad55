"""What the tests of the Linear dialect do: an agent's code in JavaScript, a person's clicks over HTTP."""

from typing import Any

from tests.compat.noded import Node
from tests.processes import Human

SELECT = {"options": [{"value": "staging", "label": "Staging"}, {"value": "prod"}]}


class Bot:
    """An app, and its LinearClient in Node: `js` runs code with `client` in scope."""

    def __init__(self, url: str, node: Node, app: dict[str, Any]) -> None:
        self.url, self.node, self.app = url, node, app
        self.agent_id: str = app["agent"]["id"]
        self.token: str = app["access_token"]
        self.name = f"client-{self.agent_id}"
        code = (
            "kept[name] = new linear.LinearClient({accessToken: token, apiUrl: `${url}/graphql`})"
        )
        node.run(code, name=self.name, token=self.token, url=url)

    def js(self, code: str, **args: Any) -> Any:
        return self.node.run(f"const client = kept[name]; {code}", name=self.name, **args)

    def tell(self, session: str, content: Any, **more: Any) -> Any:
        """createAgentActivity, and the activity read back."""
        code = """
            const payload = await client.createAgentActivity(input);
            return {success: payload.success, ...(await payload.agentActivity)};
        """
        return self.js(code, input={"agentSessionId": session, "content": content, **more})

    def session(self, id: str) -> Any:
        return self.js("return await client.agentSession(id)", id=id)

    def status(self, session: str) -> str:
        return str(self.session(session)["status"])

    def history(self, session: str) -> list[Any]:
        code = """
            const session = await client.agentSession(id);
            return (await session.activities()).nodes;
        """
        nodes: list[Any] = self.js(code, id=session)
        return nodes


def write(human: Human, bot: Bot, text: str = "Why is the build red?") -> str:
    """A person writes to the agent; the id of the run that it opened or joined."""
    said = human.post("/api/messages", {"channelId": bot.agent_id, "text": text})
    assert said.ok, said.text
    return newest_run(human, bot)


def newest_run(human: Human, bot: Bot) -> str:
    page = human.get("/api/runs", channel=bot.agent_id).json()
    return str(page["data"][0]["id"])


def run(human: Human, run_id: str) -> Any:
    return human.get(f"/api/runs/{run_id}").json()
