// A client made with the TypeScript SDK of either version, run in the folder that has it in `node_modules`:
//
//   node sdk.cjs URL TOKEN legacy|modern
//
// For each number on stdin it calls `lookup_customer` with that id, and prints what its caller gets as one line of JSON. A page it is sent to is
// printed, too, and accepted.
const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const own = createRequire(`${process.cwd()}/index.js`);
const [url, token, era] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));

function opened(params) {
  say({ page: params.url });
  return { action: "accept" };
}

async function connected() {
  const init = { requestInit: { headers: { authorization: `Bearer ${token}` } } };
  const about = { name: "clients", version: "1" };
  let second;
  try {
    second = own("@modelcontextprotocol/client");
  } catch {
    const { Client } = own("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = own("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const { ElicitRequestSchema } = own("@modelcontextprotocol/sdk/types.js");
    const client = new Client(about, { capabilities: { elicitation: { url: {} } } });
    client.setRequestHandler(ElicitRequestSchema, (request) => opened(request.params));
    await client.connect(new StreamableHTTPClientTransport(new URL(url), init));
    return client;
  }
  const mode = era === "modern" ? { pin: "2026-07-28" } : "legacy";
  const client = new second.Client(about, { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode } });
  client.setRequestHandler("elicitation/create", (request) => opened(request.params));
  await client.connect(new second.StreamableHTTPClientTransport(new URL(url), init));
  return client;
}

(async () => {
  const client = await connected();
  say({ connected: true });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const result = await client.callTool({ name: "lookup_customer", arguments: { id: Number(line) } });
      say({ is_error: result.isError === true, text: result.content[0].text });
    } catch (err) {
      say({ failed: String(err) });
    }
  }
  process.exit(0);
})().catch((err) => {
  say({ failed: String(err) });
  process.exit(1);
});
