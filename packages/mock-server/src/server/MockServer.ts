/** What `createMockServer` returns. */
import type { Controls } from "./Controls.js"
import type { ListenOptions } from "./SocketMount.js"

type AsyncDisposeSymbol = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? S
  : never

/** `AsyncDisposable`, as far as the reader's own `lib` knows it: without it there is no `await using` either. */
type Disposal = { readonly [S in AsyncDisposeSymbol]: () => Promise<void> }

/** The provider for tests: a function from a request to its response, and a socket where that is wanted. */
export interface MockServer extends Disposal, Controls {
  /** The server as a function; takes what the global `fetch` takes, whatever the host. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Opens a socket; the same state then answers there and in `fetch`. */
  listen(options?: ListenOptions): Promise<MockServer>
  /** Frees the port and ends every connection at once, half-open ones too. Can be called again. */
  close(): Promise<void>
}
