/** What `createMockServer` returns. */
import type { Controls } from "./Controls.js"
import type { ListenOptions } from "./SocketMount.js"

type AsyncDisposeSymbol = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? S
  : never

/** `AsyncDisposable`, only if the `lib` of the project that imports this has it; without it there is no `await using` either. */
type Disposal = { readonly [S in AsyncDisposeSymbol]: () => Promise<void> }

/** A provider for tests: a `fetch` function, and a socket after `listen`. */
export interface MockServer extends Disposal, Controls {
  /** Sends a request to the server without a socket; takes the arguments of the global `fetch` and ignores the host. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Opens a socket, which shares its state with `fetch`. */
  listen(options?: ListenOptions): Promise<MockServer>
  /** Frees the port and closes every connection at once, also half-open ones. Can be called again. */
  close(): Promise<void>
}
