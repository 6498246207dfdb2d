/** The engine on a socket, straight on node:http: no Request, no Response in between. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Engine } from "./engine.js"
import {
  bytesOf,
  maxBodyBytes,
  noBody,
  type PlainReply,
  type PlainRequest,
  type SlowBody,
} from "./message.js"
import { OptionError } from "./option-error.js"

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Default: `127.0.0.1`. */
  readonly host?: string
  /** PEM texts; the server then speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface SocketMount {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: string
  /** Ends every connection, whatever hangs on it. */
  close(): Promise<void>
}

/** A body that goes on beyond this is not read to its end. */
const maxDrainedBytes = 8 * 1_048_576

const sendSlowly = (response: ServerResponse, reply: PlainReply, { chunk, pause }: SlowBody): void => {
  const bytes = bytesOf(reply.body)
  response.writeHead(reply.status, { "content-length": String(bytes.length), ...reply.headers })
  response.flushHeaders()
  let cancel = () => {}
  response.once("close", () => cancel())
  const piece = (offset: number): void => {
    if (offset >= bytes.length) response.end()
    else {
      cancel = pause(() => {
        response.write(bytes.subarray(offset, offset + chunk))
        piece(offset + chunk)
      })
    }
  }
  piece(0)
}

const send = (response: ServerResponse, reply: PlainReply): void => {
  const socket: Socket | null = response.socket
  if (reply.slow !== undefined && reply.wire === undefined) {
    sendSlowly(response, reply, reply.slow)
    return
  }
  switch (reply.wire) {
    case "reset":
      socket?.resetAndDestroy()
      return
    case "close":
      socket?.destroy()
      return
    case "hang":
      return
    case "closeInBody": {
      const bytes = bytesOf(reply.body)
      response.writeHead(reply.status, {
        ...reply.headers,
        "content-length": String(Math.max(bytes.length, 2)),
      })
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => socket?.destroy())
      return
    }
    default: {
      const { body } = reply
      const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length
      // A test may send a Content-Length of its own; none belongs to 204 and 304 (RFC 9110 section 8.6).
      const length =
        reply.status === 204 || reply.status === 304 ? undefined : { "content-length": String(bytes) }
      response.writeHead(reply.status, { ...length, ...reply.headers })
      // Text that is all ASCII is written faster as Latin-1, and is the same bytes.
      if (typeof body === "string" && bytes === body.length) response.end(body, "latin1")
      else response.end(body)
    }
  }
}

const answer = (
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  body: PlainRequest["body"],
): void => {
  const outcome = engine.handle({
    method: request.method ?? "GET",
    target: request.url ?? "/",
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(", ") : value
    },
    body,
  })
  if (!(outcome instanceof Promise)) {
    send(response, outcome)
    return
  }
  void outcome.then((reply) => send(response, reply))
}

const receive = (engine: Engine, request: IncomingMessage, response: ServerResponse): void => {
  let received = 0
  let chunks: Uint8Array[] = []
  request.on("data", (chunk: Uint8Array) => {
    received += chunk.length
    if (received <= maxBodyBytes) chunks.push(chunk)
    else chunks = []
    if (received > maxDrainedBytes) request.destroy()
  })
  request.on("end", () => {
    const [first = noBody, ...rest] = chunks
    const whole = rest.length === 0 ? first : Buffer.concat(chunks)
    answer(engine, request, response, received > maxBodyBytes ? "too large" : whole)
  })
  // A client that goes away in the middle of its request is no error of the server's.
  request.on("error", () => {})
  response.on("error", () => {})
}

const createNodeServer = (tls: ListenOptions["tls"]): Server => {
  // `joinDuplicateHeaders`: two Authorization headers must not look like one.
  const options = { joinDuplicateHeaders: true, keepAlive: false }
  // Loaded when first needed: a static import costs every start 40 ms, sockets or not.
  return tls === undefined
    ? process.getBuiltinModule("node:http").createServer(options)
    : process.getBuiltinModule("node:https").createServer({ ...options, key: tls.key, cert: tls.cert })
}

/** Binds a port; fails with the platform's error if it is taken. */
export const createSocketMount = async (
  engine: Engine,
  options: ListenOptions = {},
): Promise<SocketMount> => {
  const { port = 0, host = "127.0.0.1", tls } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError("listen.port", port, "a port from 0 (any free one) to 65535")
  }
  if (typeof host !== "string" || host === "")
    throw new OptionError("listen.host", host, "a host name or IP address")
  const server = createNodeServer(tls)
  // An idle connection that the server closes is a reset in somebody's next request.
  server.keepAliveTimeout = 0
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  server.on("request", (request: IncomingMessage, response: ServerResponse) =>
    receive(engine, request, response),
  )

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve()
    })
  })
  const address = server.address() as AddressInfo
  const name = host.includes(":") ? `[${host}]` : host
  return {
    origin: `${tls === undefined ? "http" : "https"}://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
