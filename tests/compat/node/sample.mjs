// Runs one sample of TypeScript as it stands: what it leaves undefined is handed to it, and a handler it defines is called.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ts = require("typescript");
const { PlaneClient } = require("@makeplane/plane-node-sdk");
const { code, names } = JSON.parse(process.env.SAMPLE);

const AsyncFunction = (async () => {}).constructor;
const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
const plain = ts.transpileModule(code, { compilerOptions: options }).outputText;
const left = {
  ...names,
  require,
  exports: {},
  planeClient: new PlaneClient({ baseUrl: process.env.PLANE_API_URL, accessToken: names.botToken }),
  cancelAllPendingTasks: async () => {},
  fetchWeather: async () => ({ temp: 64, conditions: "Fog" }),
  processUserRequest: async (asked) => `You said: ${asked}`,
};
// In a function of its own: a sample may name anew what it is handed.
const handled = 'if (typeof handleWebhook === "function") await handleWebhook(webhook, credentials);';
const run = new AsyncFunction(...Object.keys(left), `await (async () => {\n${plain}\n${handled}\n})();`);
try {
  await run(...Object.values(left));
  console.log(JSON.stringify({ refused: null }));
} catch (error) {
  console.log(JSON.stringify({ refused: `${error.name}: ${error.message}` }));
}
