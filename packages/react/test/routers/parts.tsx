/** What the React apps of this folder show. */
import type { ReactNode } from "react"
import { TokenGate, useTokenActions } from "../../src/index.js"

const SignIn = () => {
  const { login } = useTokenActions()
  return (
    <>
      <button type="button" onClick={() => login()}>
        Sign in
      </button>
      <button type="button" onClick={() => login({ method: "popup" })}>
        Popup
      </button>
    </>
  )
}

/** A page that says whether its user is signed in. */
export const Screen = ({ title, children }: { title: string; children?: ReactNode }) => (
  <>
    <h1>{title}</h1>
    <TokenGate fallback={<output>one moment</output>} signedOut={<SignIn />}>
      <output>signed in</output>
    </TokenGate>
    {children}
  </>
)
