"""A client made with the Python SDK of either version, whichever the interpreter has: `python sdk.py URL TOKEN legacy|modern`.

For each number on stdin it calls `lookup_customer` with that id, and prints what its caller gets as one line of JSON. A page it is sent to is
printed, too, and accepted.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

import mcp
from mcp import types

URL, TOKEN, ERA = sys.argv[1:4]
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def say(what):
    print(json.dumps(what), flush=True)


async def opened(_context, params):
    say({"page": params.url})
    return types.ElicitResult(action="accept")


@asynccontextmanager
async def connected():
    if hasattr(mcp, "Client"):
        from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

        async with create_mcp_http_client(headers=HEADERS) as http:
            transport = streamable_http_client(URL, http_client=http)
            mode = "2026-07-28" if ERA == "modern" else "legacy"
            async with mcp.Client(transport, mode=mode, elicitation_callback=opened) as client:
                yield client
    else:
        from mcp.client.streamable_http import streamablehttp_client

        async with streamablehttp_client(URL, headers=HEADERS) as (read, write, _):
            async with mcp.ClientSession(read, write, elicitation_callback=opened) as session:
                await session.initialize()
                yield session


async def main():
    async with connected() as client:
        say({"connected": True})
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                result = await client.call_tool("lookup_customer", {"id": int(line)})
                failed = getattr(result, "isError", getattr(result, "is_error", None))
                say({"is_error": bool(failed), "text": result.content[0].text})
            except Exception as err:
                say({"failed": f"{type(err).__name__}: {err}"})


asyncio.run(main())
