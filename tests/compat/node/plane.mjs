// The unmodified Node SDK of Plane, step by step; what each step gave is printed as one JSON object.
import { createRequire } from "node:module";

const { OAuthClient, PlaneClient } = createRequire(import.meta.url)("@makeplane/plane-node-sdk");
const { BASE_URL, CLIENT_ID, CLIENT_SECRET, INSTALLATION, SLUG, RUN, STRANGER_TOKEN } = process.env;
const told = {};

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.statusCode ?? error.response?.status, message: error.message, body: error.response };
  }
  return null;
}

// A token of the bot, by Basic and a form, and whose it is.
const oauth = new OAuthClient({
  baseUrl: BASE_URL,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: "https://agent.example/callback",
});
told.token = await oauth.getBotToken(INSTALLATION);
const token = told.token.access_token;
told.installations = await oauth.getAppInstallations(token, INSTALLATION);
told.noInstallation = (
  await refusal(oauth.getAppInstallations(token, "01a21528-d000-7000-9000-000000000001"))
).message;

const plane = new PlaneClient({ baseUrl: BASE_URL, accessToken: token });
const runs = plane.agentRuns;
const add = (type, content, more = {}) =>
  runs.activities.create(SLUG, RUN, { type, content: { type, ...content }, ...more });
const status = async () => (await runs.retrieve(SLUG, RUN)).status;

told.me = await plane.users.me();
told.run = await runs.retrieve(SLUG, RUN);
told.members = await plane.workspace.getMembers(SLUG);

// Nothing wrong is stored.
told.refused = {
  prompt: await refusal(add("prompt", { body: "Deploy!" })),
  parameters: await refusal(add("action", { action: "search", parameters: { limit: 10 } })),
  blank: await refusal(add("response", { body: " " })),
  unsafe: await refusal(
    add("elicitation", { body: "Sign in" }, { signal: "auth_request", signal_metadata: { url: "http://x.example" } }),
  ),
};
told.before = (await runs.activities.list(SLUG, RUN)).results.map((one) => one.type);

// The five types, and what the run becomes.
told.states = [await status()];
told.thought = await add("thought", { body: "Looking…" });
told.states.push(await status());
told.action = await add(
  "action",
  { action: "getWeather", parameters: { location: "Oslo", result: "Rain" } },
  { content_metadata: { result: { temp: 4 } } },
);
told.states.push(await status());
told.elicitation = await add(
  "elicitation",
  { body: "Which one?" },
  { signal: "select", signal_metadata: { options: [{ id: "a", label: "Team" }, { id: "b", label: "Release" }] } },
);
told.states.push(await status());
told.error = await add("error", { body: "No network." }, { signal_metadata: { error_code: "E_NET", retryable: true } });
told.states.push(await status());
await add("thought", { body: "Trying again…" });
told.states.push(await status());
told.response = await add("response", { body: "Rain." }, { signal: "continue" });
told.states.push(await status());

// Two a page.
const seen = [];
let page = await runs.activities.list(SLUG, RUN, { per_page: 2 });
for (;;) {
  seen.push(...page.results.map((one) => one.type));
  if (!page.next_page_results) break;
  page = await runs.activities.list(SLUG, RUN, { cursor: page.next_cursor });
}
told.seen = seen;
told.one = await runs.activities.retrieve(SLUG, RUN, told.response.id);

// The conversation it is about.
told.item = await plane.workItems.retrieve(SLUG, told.run.project, told.run.issue);
told.comments = (await plane.workItems.comments.list(SLUG, told.run.project, told.run.issue)).results;

// Another agent, and nobody.
const stranger = new PlaneClient({ baseUrl: BASE_URL, accessToken: STRANGER_TOKEN });
told.stranger = [
  await refusal(stranger.agentRuns.retrieve(SLUG, RUN)),
  await refusal(stranger.agentRuns.activities.list(SLUG, RUN)),
  await refusal(
    stranger.agentRuns.activities.create(SLUG, RUN, { type: "response", content: { type: "response", body: "Mine." } }),
  ),
];
told.nobody = await refusal(new PlaneClient({ baseUrl: BASE_URL, accessToken: "guess" }).users.me());
told.elsewhere = await refusal(plane.projects.list(SLUG));

console.log(JSON.stringify(told));
