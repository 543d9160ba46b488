// The snippets of docs/local.md and docs/streaming.md, as they stand there, in a page on http://localhost:5173.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { STREAM_URL, WS_URL, TOKEN, CHROMIUM } = process.env;
const ORIGIN = "http://localhost:5173";
const PROMPT = "Say hello.";
// The small model is slow on a busy machine.
const LONGEST_WAIT = { timeout: 120_000 };

/** Returns the fenced blocks of a page that are in this language. */
function blocks(page, language) {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , code]) => code);
}

const [PAGE] = blocks("local.md", "html");
const [SSE_SNIPPET, WEBSOCKET_SNIPPET] = blocks("streaming.md", "js");

let browser;
let server;

before(async () => {
  const html = PAGE.replace("http://127.0.0.1:9000", STREAM_URL).replace(/ws:\/\/[^"]+/, WS_URL);
  assert.ok(html.includes(STREAM_URL) && html.includes(WS_URL), "the page names other addresses");
  server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise((resolve, reject) => server.once("error", reject).listen(5173, "localhost", resolve));
  // Without its sandbox, which a container does not allow; it opens this page alone.
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

async function open() {
  const page = await browser.newPage();
  page.setDefaultTimeout(LONGEST_WAIT.timeout);
  await page.goto(ORIGIN);
  return page;
}

/** Fills in the page's form, presses a button, and returns the text that has come when the answer has ended. */
async function press(page, button) {
  await page.fill("#token", TOKEN);
  await page.fill("#prompt", PROMPT);
  await page.click(button);
  const output = page.locator("#output");
  await page.waitForFunction(() => /\[[^\]]+\]\n$/.test(document.getElementById("output").textContent), null, LONGEST_WAIT);
  return output.textContent();
}

for (const button of ["#http", "#websocket"]) {
  test(`the page streams an answer: ${button}`, async () => {
    const page = await open();
    const text = await press(page, button);
    assert.match(text, /^[^]*\S[^]*\n\[(end_turn|max_tokens), \d+ tokens\]\n$/);
    await page.close();
  });
}

test("the page shows why a token is refused", async () => {
  const page = await open();
  await page.fill("#token", "not.a.token");
  await page.click("#http");
  await page.waitForFunction(() => document.getElementById("output").textContent.includes("[401: "));
  await page.close();
});

// The line separators of Unicode are ordinary characters of a delta, although `.` in an expression does not match them.
const SEPARATORS = "one\u2028two\u2029three";
const EVENTS = `event: start\ndata: {"id":"r"}\n\n: keep-alive\n\nevent: delta\ndata: ${JSON.stringify({ text: SEPARATORS })}\n\n`
  + `event: end\ndata: {"stop_reason":"end_turn","usage":{"output_tokens":3}}\n\n`;

/** Answers the page's streams with these events. */
async function answer(page, events) {
  const headers = { "access-control-allow-origin": ORIGIN, "content-type": "text/event-stream" };
  await page.route("**/v1/agent/default/stream", (route) => route.fulfill({ headers, body: events }));
}

test("the page keeps the line separators of Unicode", async () => {
  const page = await open();
  await answer(page, EVENTS);
  assert.equal(await press(page, "#http"), `${SEPARATORS}\n[end_turn, 3 tokens]\n`);
  await page.close();
});

/** Runs a snippet with the names that it expects; returns what it has shown. */
function run(page, snippet, names) {
  return page.evaluate(async ([code, given]) => {
    const shown = [];
    const show = (text) => { shown.push(text); };
    const AsyncFunction = (async () => {}).constructor;
    const run = new AsyncFunction(...Object.keys(given), "show", `${code}\nreturn typeof socket === "undefined" ? null : socket;`);
    const socket = await run(...Object.values(given), show);
    for (let waited = 0; socket && shown.length === 0 && waited < 100; waited += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    return shown;
  }, [snippet, names]);
}

test("the snippet for Server-Sent Events reads a real answer and keeps line separators", async () => {
  const page = await open();
  const names = { STREAM_URL, token: TOKEN, prompt: PROMPT };
  assert.match((await run(page, SSE_SNIPPET, names)).join(""), /\S/);
  await answer(page, EVENTS);
  assert.deepEqual(await run(page, SSE_SNIPPET, names), [SEPARATORS]);
  await assert.rejects(run(page, SSE_SNIPPET.replace("default", "nobody"), names), /there is no such agent/);
  await page.close();
});

/** A WebSocket API that selects the protocol `bearer`, which the local one does not, and answers a message with itself. */
function echo() {
  const seen = {};
  const api = createServer();
  api.on("upgrade", (request, socket) => {
    seen.protocols = request.headers["sec-websocket-protocol"].split(", ");
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: bearer\r\n"
      + `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`);
    socket.on("error", () => {});
    socket.once("data", (frame) => {
      const length = frame[1] & 0x7f;
      assert.ok(length < 126, "the test's message fits a short frame");
      const text = frame.subarray(6, 6 + length).map((byte, index) => byte ^ frame[2 + (index % 4)]);
      socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
    });
  });
  return new Promise((resolve) => api.listen(0, "127.0.0.1", () => resolve({ api, seen })));
}

test("the snippet for a WebSocket offers the token as a protocol", async () => {
  const page = await open();
  const { api, seen } = await echo();
  const url = `ws://127.0.0.1:${api.address().port}`;
  const shown = await run(page, WEBSOCKET_SNIPPET, { WS_URL: url, token: "a.b.c", prompt: PROMPT });
  assert.deepEqual(seen.protocols, ["bearer", "a.b.c"]);
  assert.deepEqual(shown, [{ action: "invoke", agent: "default", request_id: "1", prompt: PROMPT }]);
  await page.close();
  api.closeAllConnections();
  api.close();
});
