import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"

export interface Listener extends AsyncDisposable {
  /** Such as `http://localhost:4401`. */
  readonly origin: string
  readonly server: Server
}

/** @param port 0: any free port */
export const listen = async (listener: RequestListener, port = 0): Promise<Listener> => {
  const server = createServer(listener).listen(port, "127.0.0.1")
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
