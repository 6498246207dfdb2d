/** Pages that a server renders and a browser takes over. */
import { StrictMode, Suspense } from "react"
import {
  RequireLogin,
  TokenGate,
  TokenProvider,
  useAccessToken,
  useToken,
  useTokenActions,
  useTokenSuspense,
} from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

/** One for each process or page, as an app has it at the top of a module. */
export const client = createTestTokenClient({ accessToken: "secret-access-token" })

const Status = () => <p data-testid="status">{useToken((state) => state.status)}</p>

const AccessToken = () => <p data-testid="token">{useAccessToken() ?? "none"}</p>

const Actions = () => (
  <button type="button" onClick={useTokenActions().logout}>
    Sign out
  </button>
)

const Settled = () => <p data-testid="settled">{useTokenSuspense().status}</p>

const Everything = () => (
  <StrictMode>
    <TokenProvider client={client}>
      <Status />
      <AccessToken />
      <Actions />
      <Suspense fallback={<p>loading</p>}>
        <TokenGate fallback={<p data-testid="fallback">one moment</p>} signedOut={<p>signed out</p>}>
          <Settled />
        </TokenGate>
      </Suspense>
    </TokenProvider>
  </StrictMode>
)

const Ungated = () => (
  <StrictMode>
    <TokenProvider client={client}>
      <Suspense fallback={<p data-testid="fallback">one moment</p>}>
        <Settled />
      </Suspense>
    </TokenProvider>
  </StrictMode>
)

/** Signed out, in a browser: the way to the login begins there. */
export const signedOutClient = createTestTokenClient({
  state: { status: "signedOut", reason: "initial" },
  actions: {
    login: async () => signedOutClient.setState({ status: "signingIn", method: "redirect" }),
  },
})

const LoginRequired = () => (
  <StrictMode>
    <TokenProvider client={client}>
      <RequireLogin fallback={<p data-testid="fallback">one moment</p>}>
        <AccessToken />
      </RequireLogin>
    </TokenProvider>
    <TokenProvider client={signedOutClient}>
      <RequireLogin fallback={<p data-testid="leaving">one moment</p>}>
        <Status />
      </RequireLogin>
    </TokenProvider>
  </StrictMode>
)

const WithoutProvider = () => <Status />

const WithoutSuspense = () => (
  <TokenProvider client={client}>
    <Settled />
  </TokenProvider>
)

export const pages = {
  everything: () => <Everything />,
  ungated: () => <Ungated />,
  loginRequired: () => <LoginRequired />,
  withoutProvider: () => <WithoutProvider />,
  withoutSuspense: () => <WithoutSuspense />,
} as const

export type PageName = keyof typeof pages
