/** What the compiler holds. Each `@ts-expect-error` fails `pnpm check:types` as soon as the code below it compiles. */
import type { TokenError } from "@ellipsis-oauth/core"
import { describe, expectTypeOf, it } from "vitest"
import {
  type SettledTokenState,
  TokenProvider,
  type TokenState,
  useAccessToken,
  useToken,
  type useTokenActions,
  useTokenSuspense,
} from "../../src/index.js"

/** Never called: this file is about types. */
const examine = (_code: (state: TokenState) => unknown): void => {}

describe("the state", () => {
  it("has an expiry and a scope only with a token", () => {
    examine((state) => {
      // @ts-expect-error nobody knows yet whether there is a token
      state.expiresAt
      // @ts-expect-error
      state.scope
      if (state.status === "ready") {
        expectTypeOf(state.expiresAt).toEqualTypeOf<number | undefined>()
        expectTypeOf(state.scope).toEqualTypeOf<readonly string[]>()
      }
      // @ts-expect-error its expiry has passed
      if (state.status === "stale") state.expiresAt
      // @ts-expect-error
      if (state.status === "signedOut") state.scope
      // @ts-expect-error
      if (state.status === "exchanging") state.refresh
    })
  })

  it("holds no access token in any state", () => {
    examine((state) => {
      // @ts-expect-error the hook for it is useAccessToken
      state.accessToken
      // @ts-expect-error
      if (state.status === "ready") state.accessToken
      // @ts-expect-error
      if (state.status === "ready") state.refreshToken
    })
  })

  it("has an error only after a failure", () => {
    examine((state) => {
      if (state.status === "signedOut") expectTypeOf(state.error).toEqualTypeOf<TokenError | undefined>()
      if (state.status === "stale" && state.refresh.phase === "failed") {
        expectTypeOf(state.refresh.error).toEqualTypeOf<TokenError>()
        expectTypeOf(state.refresh.retryAt).toEqualTypeOf<number>()
      }
      // @ts-expect-error nothing has failed
      if (state.status === "ready" && state.refresh.phase === "idle") state.refresh.error
    })
  })

  it("is read-only", () => {
    examine((state) => {
      // @ts-expect-error
      state.status = "ready"
    })
  })

  it("must be handled in every status", () => {
    const name = (state: TokenState): string => {
      switch (state.status) {
        case "restoring":
        case "exchanging":
        case "signingIn":
        case "signedOut":
        case "ready":
          return state.status
        default:
          // @ts-expect-error it may be stale
          return state satisfies never
      }
    }
    expectTypeOf(name).returns.toEqualTypeOf<string>()
  })
})

describe("the hooks", () => {
  it("return the type of their selector", () => {
    expectTypeOf(useToken<TokenState["status"]>).returns.toEqualTypeOf<TokenState["status"]>()
    examine(() => {
      const status = () => useToken((state) => state.status)
      expectTypeOf(status).returns.toEqualTypeOf<TokenState["status"]>()
      const whole = () => useToken()
      expectTypeOf(whole).returns.toEqualTypeOf<TokenState>()
      // @ts-expect-error a selector cannot read what only some states have
      return () => useToken((state) => state.scope)
    })
  })

  it("may have no access token", () => {
    expectTypeOf(useAccessToken).returns.toEqualTypeOf<string | undefined>()
  })

  it("return a known state after suspending", () => {
    expectTypeOf(useTokenSuspense).returns.toEqualTypeOf<SettledTokenState>()
    expectTypeOf<SettledTokenState["status"]>().toEqualTypeOf<"signedOut" | "signingIn" | "ready" | "stale">()
  })

  it("have actions without a state", () => {
    expectTypeOf<keyof ReturnType<typeof useTokenActions>>().toEqualTypeOf<
      "login" | "logout" | "handleCallback" | "getAccessToken" | "fetch"
    >()
  })

  it("require a client", () => {
    // @ts-expect-error
    examine(() => TokenProvider({}))
  })
})
