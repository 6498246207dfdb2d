/** The engine on a socket, straight on node:http: no Request, no Response in between. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { checkNames, OptionError } from "../common/OptionError.js"
import {
  bytesOf,
  maxBodyBytes,
  noBody,
  type PlainRequest,
  type PlainResponse,
  type SlowBody,
} from "../protocol/Message.js"
import type { Engine } from "./Engine.js"

/** What `listen` takes. */
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

const sendSlowly = (response: ServerResponse, reply: PlainResponse, { chunk, pause }: SlowBody): void => {
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

const send = (
  response: ServerResponse,
  reply: PlainResponse,
  reset: (socket: Socket | null) => void,
): void => {
  const { socket } = response
  if (reply.slow !== undefined && reply.wire === undefined) {
    sendSlowly(response, reply, reply.slow)
    return
  }
  switch (reply.wire) {
    case "reset":
      reset(socket)
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
      response.end(body)
    }
  }
}

/**
 * Path and query; proxies and some clients send a whole URL (absolute-form, RFC 9112 section 3.2.2), whose host
 * then counts instead of the Host header.
 */
const readTarget = (target: string): { readonly target: string; readonly host?: string } => {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return { target }
  const { host, pathname, search } = new URL(target)
  return { target: pathname + search, host }
}

type Send = (response: ServerResponse, reply: PlainResponse) => void

const answer = (
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  body: PlainRequest["body"],
  reply: Send,
): void => {
  const { target, host } = readTarget(request.url ?? "/")
  const outcome = engine.handle({
    method: request.method ?? "GET",
    target,
    header: (name) => {
      const value = name === "host" && host !== undefined ? host : request.headers[name]
      return Array.isArray(value) ? value.join(", ") : value
    },
    body,
  })
  if (!(outcome instanceof Promise)) {
    reply(response, outcome)
    return
  }
  void outcome.then((late) => reply(response, late))
}

const receive = (engine: Engine, request: IncomingMessage, response: ServerResponse, reply: Send): void => {
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
    answer(engine, request, response, received > maxBodyBytes ? "too large" : whole, reply)
  })
  // A client that goes away in the middle of its request is no error of the server's.
  request.on("error", () => {})
  response.on("error", () => {})
}

const createNodeServer = (tls: ListenOptions["tls"]): Server => {
  // `joinDuplicateHeaders`: two Authorization headers must not look like one.
  const options = { joinDuplicateHeaders: true, keepAlive: false }
  // Loaded when first needed: a static import costs every start 40 ms, sockets or not.
  if (tls === undefined) return process.getBuiltinModule("node:http").createServer(options)
  try {
    return process.getBuiltinModule("node:https").createServer({ ...options, key: tls.key, cert: tls.cert })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ""
    throw new OptionError(
      "listen.tls",
      "PEM texts that cannot be used",
      "{ key, cert }, two PEM texts that belong together",
      reason,
    )
  }
}

/** A TLS socket cannot be reset, only the connection below it can: that one has the same remote end. */
const resetAmong =
  (connections: ReadonlySet<Socket>) =>
  (socket: Socket | null): void => {
    for (const connection of connections) {
      const same =
        connection.remotePort === socket?.remotePort && connection.remoteAddress === socket?.remoteAddress
      if (same) connection.resetAndDestroy()
    }
  }

const checkOptions = (options: ListenOptions) => {
  checkNames("listen", options, ["port", "host", "tls"])
  const { port = 0, host = "127.0.0.1", tls } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new OptionError("listen.port", port, "a port from 0 (any free one) to 65535")
  }
  if (typeof host !== "string" || host === "") {
    throw new OptionError("listen.host", host, "a host name or IP address")
  }
  return { port, host, tls }
}

/** Binds a port; fails with an `OptionError`, or with the platform's error if the port is taken. */
export const createSocketMount = async (
  engine: Engine,
  options: ListenOptions = {},
): Promise<SocketMount> => {
  const { port, host, tls } = checkOptions(options)
  const server = createNodeServer(tls)
  // If the server closed an idle connection, the client's next request could be reset.
  server.keepAliveTimeout = 0
  const connections = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    connections.add(socket)
    socket.once("close", () => connections.delete(socket))
  })
  const reset = resetAmong(connections)
  const reply: Send = (response, plain) => send(response, plain, reset)
  server.on("request", (request: IncomingMessage, response: ServerResponse) =>
    receive(engine, request, response, reply),
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
        for (const connection of connections) connection.destroy()
      }),
  }
}
