"""A proxy on the IPv6 loopback address, to which `cargo lambda invoke` connects, in front of the gateway.

cargo lambda watch listens on one address only. Its default is every address of
the machine, and its raw invocations and Runtime API ask for no token. So it
listens on the IPv4 loopback address, and this program forwards to it.
"""

import asyncio
import sys
from contextlib import suppress

from settings import HOST, IPV6_HOST

_CHUNK_BYTES = 64 * 1024


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


async def _forward(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_pipe(reader, inner_writer), _pipe(inner_reader, writer))
        inner_writer.close()
    except OSError:
        pass  # the functions are not up: the caller sees a closed connection
    finally:
        writer.close()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(lambda reader, writer: _forward(port, reader, writer), IPV6_HOST, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
