/** The engine on a socket, directly on node:http, without `Request` and `Response` objects. */
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

/** Options of `listen`. */
export interface ListenOptions {
  /** Default: 0, any free port. */
  readonly port?: number
  /** Default: `127.0.0.1`. */
  readonly host?: string
  /** PEM texts; the server then uses HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface SocketMount {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: string
  /** Closes every connection at once, also with open requests. */
  close(): Promise<void>
}

/** A longer body is not read to its end. */
const maxDrainedBytes = 8 * 1_048_576

const sendSlowly = (response: ServerResponse, plain: PlainResponse, { chunk, pause }: SlowBody): void => {
  const bytes = bytesOf(plain.body)
  response.writeHead(plain.status, { "content-length": String(bytes.length), ...plain.headers })
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
  plain: PlainResponse,
  reset: (socket: Socket | null) => void,
): void => {
  const { socket } = response
  if (plain.slow !== undefined && plain.wire === undefined) {
    sendSlowly(response, plain, plain.slow)
    return
  }
  switch (plain.wire) {
    case "reset":
      reset(socket)
      return
    case "close":
      socket?.destroy()
      return
    case "hang":
      return
    case "closeInBody": {
      const bytes = bytesOf(plain.body)
      response.writeHead(plain.status, {
        ...plain.headers,
        "content-length": String(Math.max(bytes.length, 2)),
      })
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => socket?.destroy())
      return
    }
    default: {
      const { body } = plain
      const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length
      // A test may set its own Content-Length; 204 and 304 have none (RFC 9110 section 8.6).
      const length =
        plain.status === 204 || plain.status === 304 ? undefined : { "content-length": String(bytes) }
      response.writeHead(plain.status, { ...length, ...plain.headers })
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

type Respond = (response: ServerResponse, plain: PlainResponse) => void

const handleRequest = (
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  body: PlainRequest["body"],
  respond: Respond,
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
    respond(response, outcome)
    return
  }
  void outcome.then((late) => respond(response, late))
}

const receive = (
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  respond: Respond,
): void => {
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
    handleRequest(engine, request, response, received > maxBodyBytes ? "too large" : whole, respond)
  })
  // A client that disconnects during its request is not an error of the server.
  request.on("error", () => {})
  response.on("error", () => {})
}

const createNodeServer = (tls: ListenOptions["tls"]): Server => {
  // `joinDuplicateHeaders`: two Authorization headers must not look like one.
  const options = { joinDuplicateHeaders: true, keepAlive: false }
  // Loaded when first needed: a static import would add 40 ms to every start.
  if (tls === undefined) return process.getBuiltinModule("node:http").createServer(options)
  try {
    return process.getBuiltinModule("node:https").createServer({ ...options, key: tls.key, cert: tls.cert })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ""
    throw new OptionError(
      "listen.tls",
      "texts that cannot be used",
      "a PEM private key and its PEM certificate, as { key, cert }",
      `OpenSSL: ${reason}.`,
    )
  }
}

/** A TLS socket cannot be reset. This resets the TCP connection below it, which has the same remote address and port. */
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
  const respond: Respond = (response, plain) => send(response, plain, reset)
  server.on("request", (request: IncomingMessage, response: ServerResponse) =>
    receive(engine, request, response, respond),
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
