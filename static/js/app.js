// The page is whole without this. What it adds: it is live, it has keys, and it forgets nothing.

import "./times.js";
import "./drafts.js";
import "./fields.js";
import "./respond.js";
import "./attachments.js";
import * as chat from "./chat.js";
import * as deliveries from "./deliveries.js";
import * as files from "./files.js";
import * as inbox from "./inbox.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as presence from "./presence.js";
import "./prompt.js";
import "./retry.js";
import * as runList from "./runlist.js";
import * as runs from "./runs.js";
import * as told from "./told.js";
import "./viewer.js";

const page = { inbox, chats: chat, deliveries, files, runs: runList.isHere() ? runList : runs }[document.body.dataset.here] || {};
page.start?.();
keys.start(page);
live.start();
presence.start();
runs.live();
told.start();
