import type { TokenState } from "@ellipsis-oauth/core"
import { Component, memo, type ReactNode, StrictMode, Suspense, useState, version } from "react"
import { flushSync } from "react-dom"
import { describe, expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render, renderHook } from "vitest-browser-react"
import {
  TokenProvider,
  useAccessToken,
  useToken,
  useTokenActions,
  useTokenClient,
  useTokenEvents,
  useTokenSuspense,
} from "../../src/index.js"
import { createTestTokenClient, type TestTokenClient } from "../../src/testing/index.js"
import { counter, Reader } from "./counting.js"

const ready = (changes: object = {}): TokenState => ({
  status: "ready",
  scope: ["projects"],
  refresh: { phase: "idle" },
  ...changes,
})

const signedOut: TokenState = { status: "signedOut", reason: "logout" }

const within = (client: TestTokenClient) => ({
  wrapper: ({ children }: { readonly children: ReactNode }) => (
    <TokenProvider client={client}>{children}</TokenProvider>
  ),
})

/** With the renders and the effects that follow from it. */
const change = (what: () => void) => flushSync(what)

/** The states of one silent refresh, with a new token at its end. */
const refresh = (client: TestTokenClient) => {
  change(() => client.setState(ready({ refresh: { phase: "refreshing" } })))
  change(() => {
    client.setAccessToken(`token ${Math.random()}`)
    client.setState(ready({ expiresAt: Date.now() + 3_600_000 }))
  })
}

const useStatus = () => useToken((state) => state.status)

const useActionNames = () => Object.keys(useTokenActions())

const MemoisedReader = memo(Reader)

/** Renders what is below it anew on a click. */
const Parent = (props: { readonly client: TestTokenClient; readonly children: () => ReactNode }) => {
  const [renders, setRenders] = useState(0)
  return (
    <TokenProvider client={props.client}>
      <button type="button" onClick={() => setRenders(renders + 1)}>
        render {renders}
      </button>
      {props.children()}
    </TokenProvider>
  )
}

interface BoundaryProps {
  readonly onError: (message: string) => void
  readonly children: ReactNode
}

class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError = () => ({ failed: true })
  override componentDidCatch = (error: Error) => this.props.onError(error.message)
  override render = () => (this.state.failed ? null : this.props.children)
}

it("runs with the React version of this run", () => {
  expect(version).toMatch(import.meta.env["VITEST_REACT"] === "18" ? /^18\.2\./ : /^19\./)
})

describe("TokenProvider", () => {
  it("mounts the client while it is on the page", async () => {
    const client = createTestTokenClient()
    const { unmount } = await render(<TokenProvider client={client} />)
    expect(client.mounts).toBe(1)
    await unmount()
    expect(client.mounts).toBe(0)
  })

  it("mounts and unmounts equally often under StrictMode", async () => {
    const client = createTestTokenClient()
    const mount = vi.spyOn(client, "mount")
    const { unmount } = await render(
      <StrictMode>
        <TokenProvider client={client} />
        <TokenProvider client={client} />
      </StrictMode>,
    )
    expect(mount).toHaveBeenCalledTimes(4)
    expect(client.mounts).toBe(2)
    await unmount()
    expect(client.mounts).toBe(0)
  })

  it("unmounts the earlier client, and mounts the new one", async () => {
    const [first, second] = [createTestTokenClient(), createTestTokenClient({ state: signedOut })]
    const count = counter()
    const app = (client: TestTokenClient) => (
      <TokenProvider client={client}>
        <Reader use={() => useToken((state) => state.status)} count={count} />
      </TokenProvider>
    )
    const { rerender } = await render(app(first))
    await rerender(app(second))
    expect([first.mounts, second.mounts]).toEqual([0, 1])
    expect(count.seen.at(-1)).toBe("signedOut")
  })

  it("can be nested, and the nearest one is used", async () => {
    const outer = createTestTokenClient()
    const inner = createTestTokenClient({ state: signedOut })
    const { result } = await renderHook(() => useTokenClient(), {
      wrapper: ({ children }) => (
        <TokenProvider client={outer}>
          <TokenProvider client={inner}>{children}</TokenProvider>
        </TokenProvider>
      ),
    })
    expect(result.current).toBe(inner)
  })

  it("does not render memoised children when its parent renders, and no child when the token changes", async () => {
    const client = createTestTokenClient()
    const [memoised, actions] = [counter(), counter()]
    await render(
      <Parent client={client}>
        {() => (
          <>
            <MemoisedReader use={useStatus} count={memoised} />
            <MemoisedReader use={useActionNames} count={actions} />
          </>
        )}
      </Parent>,
    )
    const before = [memoised.renders, actions.renders]
    await page.getByRole("button", { name: "render 0" }).click()
    await page.getByRole("button", { name: "render 1" }).click()
    refresh(client)
    expect([memoised.renders, actions.renders]).toEqual(before)
  })
})

describe.each([
  ["useToken", () => useToken()],
  ["useTokenActions", () => useTokenActions()],
  ["useAccessToken", () => useAccessToken()],
  ["useTokenSuspense", () => useTokenSuspense()],
])("%s", (_name, use) => {
  it("says which provider is missing", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {})
    const message = await new Promise<string>((resolve) => {
      void render(
        <Boundary onError={resolve}>
          <Reader use={use} count={counter()} />
        </Boundary>,
      )
    })
    expect(message).toContain("Wrap the app in <TokenProvider client={client}>")
  })
})

describe("useToken", () => {
  it("gives the state, the same object as the client", async () => {
    const client = createTestTokenClient()
    const { result } = await renderHook(() => useToken(), within(client))
    expect(result.current).toBe(client.getSnapshot())
    change(() => client.setState(signedOut))
    expect(result.current).toBe(signedOut)
  })

  it("renders a reader of the status once in two silent refreshes and a sign-out: at the sign-out", async () => {
    const client = createTestTokenClient()
    const [status, actions, whole] = [counter(), counter(), counter()]
    await render(
      <TokenProvider client={client}>
        <Reader use={() => useToken((state) => state.status)} count={status} />
        <Reader use={() => Object.keys(useTokenActions())} count={actions} />
        <Reader use={() => useToken()} count={whole} />
      </TokenProvider>,
    )
    const before = [status.renders, actions.renders, whole.renders]
    refresh(client)
    refresh(client)
    const since = () => [status, actions, whole].map(({ renders }, index) => renders - (before[index] ?? 0))
    expect(since()).toEqual([0, 0, 4])
    change(() => client.setState(signedOut))
    expect(since()).toEqual([1, 0, 5])
  })

  it("accepts an inline selector that returns a new object each time", async () => {
    const client = createTestTokenClient()
    const [byIdentity, byValue] = [counter(), counter()]
    const select = (state: TokenState) => ({ status: state.status })
    await render(
      <StrictMode>
        <TokenProvider client={client}>
          <Reader use={() => useToken((state) => select(state))} count={byIdentity} />
          <Reader
            use={() =>
              useToken(
                (state) => select(state),
                (a, b) => a.status === b.status,
              )
            }
            count={byValue}
          />
        </TokenProvider>
      </StrictMode>,
    )
    const before = byValue.renders
    const first = byValue.seen.at(-1)
    refresh(client)
    expect(byValue.renders).toBe(before)
    expect(byIdentity.renders).toBeLessThan(20)
    change(() => client.setState(signedOut))
    expect(byValue.seen.at(-1)).toEqual({ status: "signedOut" })
    expect(byValue.seen.at(-1)).not.toBe(first)
  })

  it("keeps an equal result when a parent's render brings a new selector", async () => {
    const client = createTestTokenClient()
    const count = counter()
    const app = () => (
      <TokenProvider client={client}>
        <Reader
          use={() =>
            useToken(
              (state) => [state.status],
              ([a], [b]) => a === b,
            )
          }
          count={count}
        />
      </TokenProvider>
    )
    const { rerender } = await render(app())
    await rerender(app())
    refresh(client)
    await rerender(app())
    expect(new Set(count.seen).size).toBe(1)
  })

  it("uses the newest values of an inline selector", async () => {
    const client = createTestTokenClient()
    const { result, rerender } = await renderHook(
      (name?: string) => useToken((state) => `${name} ${state.status}`),
      { ...within(client), initialProps: "a" },
    )
    await rerender("b")
    expect(result.current).toBe("b ready")
  })
})

describe("useTokenActions", () => {
  it("returns the same bound functions to all components", async () => {
    const login = vi.fn(async () => {})
    const client = createTestTokenClient({ actions: { login } })
    const [first, second] = [counter(), counter()]
    await render(
      <TokenProvider client={client}>
        <Reader use={() => useTokenActions()} count={first} />
        <Reader use={() => useTokenActions()} count={second} />
      </TokenProvider>,
    )
    expect(first.seen[0]).toBe(second.seen[0])
    const { login: unbound } = first.seen[0] as ReturnType<typeof useTokenActions>
    await unbound({ method: "popup" })
    expect(login).toHaveBeenCalledWith({ method: "popup" })
  })
})

describe("useAccessToken", () => {
  it("renders when the token is replaced, and not during the refresh", async () => {
    const client = createTestTokenClient({ accessToken: "one" })
    const count = counter()
    await render(
      <TokenProvider client={client}>
        <Reader use={() => useAccessToken()} count={count} />
      </TokenProvider>,
    )
    expect(count.seen).toEqual(["one"])
    change(() => client.setState(ready({ refresh: { phase: "refreshing" } })))
    expect(count.seen).toEqual(["one"])
    change(() => client.setAccessToken("two"))
    expect(count.seen).toEqual(["one", "two"])
    change(() => client.setState(signedOut))
    expect(count.seen).toEqual(["one", "two", undefined])
  })

  it("requests a token if a signed-in user has none", async () => {
    const getAccessToken = vi.fn(async () => "fresh")
    const client = createTestTokenClient({
      state: { status: "restoring" },
      actions: { getAccessToken },
    })
    await renderHook(() => useAccessToken(), within(client))
    change(() => client.setState(signedOut))
    expect(getAccessToken).not.toHaveBeenCalled()
    change(() => client.setState({ status: "stale", refresh: { phase: "idle" } }))
    await expect.poll(() => getAccessToken.mock.calls.length).toBe(1)
  })
})

describe("useTokenSuspense", () => {
  const settled = (count: ReturnType<typeof counter>) => (
    <Reader use={() => useTokenSuspense()} count={count} />
  )

  it("suspends only while the token is restored and while a code is exchanged", async () => {
    const client = createTestTokenClient({ state: { status: "restoring" } })
    const count = counter()
    await render(
      <TokenProvider client={client}>
        <Suspense fallback={<p>one moment</p>}>{settled(count)}</Suspense>
      </TokenProvider>,
    )
    const fallback = page.getByText("one moment")
    await expect.element(fallback).toBeVisible()
    change(() => client.setState(signedOut))
    await expect.element(fallback).not.toBeInTheDocument()
    change(() => client.setState({ status: "signingIn", method: "popup" }))
    await expect.element(fallback).not.toBeInTheDocument()
    change(() => client.setState({ status: "exchanging" }))
    await expect.element(fallback).toBeVisible()
    change(() => client.setState(ready()))
    await expect.element(fallback).not.toBeInTheDocument()
    refresh(client)
    change(() => client.setState({ status: "stale", refresh: { phase: "offline" } }))
    await expect.element(fallback).not.toBeInTheDocument()
    expect(new Set(count.seen.map((state) => (state as TokenState).status))).toEqual(
      new Set(["signedOut", "signingIn", "ready", "stale"]),
    )
  })

  it("mounts the client even if the boundary keeps its provider from being mounted", async () => {
    const client = createTestTokenClient({ state: { status: "restoring" } })
    const mount = client.mount
    client.mount = () => {
      // As clients do: the work tells of a state at once.
      client.setState(ready())
      return mount()
    }
    await render(
      <StrictMode>
        <Suspense fallback={<p>one moment</p>}>
          <TokenProvider client={client}>{settled(counter())}</TokenProvider>
        </Suspense>
      </StrictMode>,
    )
    await expect.element(page.getByText(/ready/)).toBeVisible()
    // What it mounted for the time of the wait, it unmounts; the provider's own stays.
    await expect.poll(() => client.mounts).toBe(1)
  })
})

const EventListener = (props: { readonly name: string; readonly tell: (name: string) => void }) => {
  useTokenEvents(() => props.tell(props.name))
  return null
}

describe("useTokenEvents", () => {
  const event = (type: "refreshStarted") => ({ type, key: "default", at: 1 }) as const

  it("calls the newest listener, once for each event, and renders nothing", async () => {
    const client = createTestTokenClient()
    const heard: string[] = []
    let renders = 0
    const { rerender, unmount } = await renderHook(
      (props?: { readonly name: string }) => {
        renders++
        useTokenEvents(({ type }) => heard.push(`${props?.name} ${type}`))
      },
      { ...within(client), initialProps: { name: "first" } },
    )
    client.emit(event("refreshStarted"))
    await rerender({ name: "second" })
    const before = renders
    client.emit(event("refreshStarted"))
    client.emit(event("refreshStarted"))
    expect(heard).toEqual(["first refreshStarted", "second refreshStarted", "second refreshStarted"])
    expect(renders).toBe(before)
    await unmount()
    client.emit(event("refreshStarted"))
    expect(heard).toHaveLength(3)
  })

  it("gets each event once in StrictMode, and follows another client", async () => {
    const [one, other] = [createTestTokenClient(), createTestTokenClient()]
    const heard: string[] = []
    const tell = (name: string) => heard.push(name)
    const tree = (client: TestTokenClient, name: string) => (
      <StrictMode>
        <TokenProvider client={client}>
          <EventListener name={name} tell={tell} />
        </TokenProvider>
      </StrictMode>
    )
    const { rerender } = await render(tree(one, "one"))
    one.emit(event("refreshStarted"))
    await rerender(tree(other, "other"))
    one.emit(event("refreshStarted"))
    other.emit(event("refreshStarted"))
    expect(heard).toEqual(["one", "other"])
  })
})
