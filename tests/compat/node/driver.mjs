// Runs what it is sent, a line of JSON each: the body of an async function, with the SDKs and the arguments in scope.
import * as linear from "@linear/sdk";
import * as linearWebhooks from "@linear/sdk/webhooks";
import { createRequire } from "node:module";
import readline from "node:readline";

const AsyncFunction = (async () => {}).constructor;
const plane = createRequire(import.meta.url)("@makeplane/plane-node-sdk");
const sdks = { linear, linearWebhooks, plane };
// What a later line needs of an earlier one.
const kept = {};

function told(error) {
  const { name, message, type, status, errors } = error;
  return { name: error.constructor?.name ?? name, message, type, status, errors };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { code, args } = JSON.parse(line);
  let answer;
  try {
    const names = { ...sdks, kept, ...args };
    const run = new AsyncFunction(...Object.keys(names), code);
    answer = { result: (await run(...Object.values(names))) ?? null };
  } catch (error) {
    answer = { error: told(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
