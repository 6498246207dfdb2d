import { TokenProvider, type TokenProviderClient } from "@ellipsis-oauth/react"
import { lazy, type ReactNode, Suspense } from "react"

const TokenDevtools = lazy(async () => {
  const { TokenDevtools } = await import("@ellipsis-oauth/react/devtools")
  return { default: TokenDevtools }
})

export const Root = ({ client, children }: { client: TokenProviderClient; children: ReactNode }) => (
  <TokenProvider client={client}>
    {children}
    {import.meta.env.DEV && (
      <Suspense>
        <TokenDevtools />
      </Suspense>
    )}
  </TokenProvider>
)
