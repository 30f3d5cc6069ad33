// masto.js, the library of web clients, against a running hospital.
//
// Usage: node masto.mjs BASE TOKEN, from a folder where masto and ws are installed.
import assert from "node:assert/strict";
import dns from "node:dns";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// RFC 6761: names below localhost are this machine, whatever the system's resolver thinks of them.
const lookup = dns.lookup;
dns.lookup = (name, options, done) => lookup(String(name).endsWith(".localhost") ? "127.0.0.1" : name, options, done);

const installed = createRequire(`${process.cwd()}/`);
const { createRestAPIClient, createStreamingAPIClient } = await import(pathToFileURL(installed.resolve("masto")));
const WebSocket = installed("ws");
const [url, accessToken] = process.argv.slice(2);
const api = createRestAPIClient({ url, accessToken });

const instance = await api.v2.instance.fetch();
const me = await api.v1.accounts.verifyCredentials();
assert.equal(instance.domain, new URL(url).host);
const streaming = createStreamingAPIClient({ streamingApiUrl: instance.configuration.urls.streaming, accessToken, implementation: WebSocket });
const events = streaming.user.subscribe();
const heard = [];
const listening = (async () => {
  for await (const event of events) heard.push(event);
})();
const until = async (what, question) => {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((go) => setTimeout(go, 200));
  }
  throw new Error(`this never happened: ${what}`);
};

// One that comes by the stream shows that it is open; those before it may have been too early.
const posts = [];
await until("a post comes by the stream", async () => {
  posts.push(await api.v1.statuses.create({ status: `From a web client ${posts.length}`, visibility: "unlisted" }));
  await new Promise((go) => setTimeout(go, 300));
  return heard.some((e) => e.event === "update" && posts.some((p) => p.id === e.payload.id));
});
const [first] = posts;
const changed = await api.v1.statuses.$select(first.id).update({ status: "From a web client, better" });
assert.match(changed.content, /better/);
const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const picture = await api.v2.media.create({ file: new Blob([pixel], { type: "image/png" }), description: "A dot" });
assert.equal(picture.description, "A dot");
const poll = await api.v1.statuses.create({ status: "Which?", poll: { options: ["One", "Two"], expiresIn: 3600 } });
assert.equal(poll.poll.options.length, 2);
const shown = await api.v1.statuses.create({ status: "A dot", mediaIds: [picture.id] });
assert.equal(shown.mediaAttachments[0].id, picture.id);
const page = await api.v1.timelines.home.list({ limit: 2 });
assert.equal(page.length, 2);
const pages = [];
for await (const one of api.v1.accounts.$select(me.id).statuses.list({ limit: 2 })) {
  pages.push(one);
  if (pages.length === 2) break;
}
assert.ok(pages[0][0].id > pages[1][0].id, "the second page is older");
const grouped = await api.v2.notifications.list();
assert.ok(Array.isArray(grouped.notificationGroups));
const found = await api.v2.search.list({ q: me.acct, type: "accounts" });
assert.ok(found.accounts.some((a) => a.id === me.id));
const filter = await api.v2.filters.create({ title: "Words", context: ["home"], filterAction: "hide", keywordsAttributes: [{ keyword: "elections", wholeWord: false }] });
await api.v2.filters.$select(filter.id).remove();
for (const one of [...posts, poll, shown]) await api.v1.statuses.$select(one.id).remove();
await until("the deletion comes by the stream", () => heard.some((e) => e.event === "delete" && e.payload === first.id));
await assert.rejects(api.v1.statuses.$select(first.id).fetch(), { statusCode: 404 });
streaming.close();
await Promise.race([listening, new Promise((go) => setTimeout(go, 1000))]);
console.log("masto.js: posted, edited, uploaded, polled, paged, searched, filtered, listened and deleted");
process.exit(0);
