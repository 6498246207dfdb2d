"use client"
/** The provider for Next.js, whose router ignores changes of the URL by other code. */
import { useRouter } from "next/navigation.js"
import type { ReactNode } from "react"
import { TokenProvider, type TokenProviderProps } from "../react/TokenProvider.js"

/** `TokenProvider` for the App Router: after a login it goes to `returnTo` with Next.js's own router. */
export const NextTokenProvider = (props: Omit<TokenProviderProps, "navigate">): ReactNode => {
  const { replace } = useRouter()
  return <TokenProvider {...props} navigate={replace} />
}
