// An agent as Plane's pages build them: it is told by webhook, verifies the signature, and answers with the SDK.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const { PlaneClient } = createRequire(import.meta.url)("@makeplane/plane-node-sdk");
const { BASE_URL, PORT, SECRET, SLUG, TOKEN } = process.env;
const plane = new PlaneClient({ baseUrl: BASE_URL, accessToken: TOKEN });

function isSigned(body, signature) {
  const digest = createHmac("sha256", SECRET).update(body).digest("hex");
  return digest.length === signature.length && timingSafeEqual(Buffer.from(digest), Buffer.from(signature));
}

async function handle(webhook) {
  if (webhook.type !== "agent_run_activity") return;
  const run = webhook.agent_run.id;
  const say = (type, body) => plane.agentRuns.activities.create(SLUG, run, { type, content: { type, body } });
  if (webhook.agent_run_activity.signal === "stop") {
    await say("response", "I put it down.");
    return;
  }
  await say("thought", "Working on it…");
  const asked = webhook.agent_run_activity.content.body || "";
  if (asked.includes("slowly")) return;
  await plane.agentRuns.activities.create(SLUG, run, {
    type: "action",
    content: { type: "action", action: "echo", parameters: { text: asked } },
  });
  await say("response", `You said: ${asked}`);
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    if (!isSigned(body, request.headers["x-plane-signature"] ?? "")) {
      response.writeHead(401).end();
      return;
    }
    response.writeHead(200).end();
    handle(JSON.parse(body)).catch((error) => console.error(error.message, error.response));
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
