import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"

export interface Listener extends AsyncDisposable {
  /** Such as `http://localhost:4401`. */
  readonly origin: string
  readonly server: Server
}

/** @param port 0 for any that is free */
export const listen = async (answer: RequestListener, port = 0): Promise<Listener> => {
  const server = createServer(answer).listen(port, "127.0.0.1")
  await once(server, "listening")
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
