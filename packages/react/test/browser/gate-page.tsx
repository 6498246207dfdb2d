/** The page of the scenarios with an app on it, whose one part that needs a login calls the API when it is mounted. */
import { useEffect } from "react"
import { createRoot } from "react-dom/client"
import { TokenGate, TokenProvider, useToken, useTokenActions } from "../../src/index.js"
import { client } from "./page.js"

const Account = () => {
  const { fetch } = useTokenActions()
  const login = useToken((state) => ("login" in state ? state.login : undefined))
  useEffect(() => {
    fetch(`${window.site.baseUrl}/account`).catch(() => {})
  }, [fetch])
  return (
    <>
      <output>{login ?? "no login"}</output>
      <input aria-label="name" />
    </>
  )
}

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <TokenProvider client={client}>
    <TokenGate fallback="one moment" signedOut="signed out">
      <Account />
    </TokenGate>
  </TokenProvider>,
)
