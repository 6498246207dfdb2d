/** An app of react-oauth2-code-pkce, told by its URL's fragment which server it has. */
import { createRoot } from "react-dom/client"
import { AuthProvider, useAuthContext } from "react-oauth2-code-pkce"

const App = () => {
  const { token, error, logIn } = useAuthContext()
  return (
    <>
      <button type="button" onClick={() => logIn(crypto.randomUUID())}>
        Log in
      </button>
      <output>{error ?? token}</output>
    </>
  )
}

// The redirect back has no fragment.
if (location.hash !== "") sessionStorage.setItem("server", location.hash.slice(1))
const server = sessionStorage.getItem("server")

createRoot(document.getElementById("root")).render(
  <AuthProvider
    authConfig={{
      clientId: "spa",
      authorizationEndpoint: `${server}/oauth/authorize`,
      tokenEndpoint: `${server}/oauth/token`,
      // Left out, it would be the word "undefined" in a refresh.
      scope: "projects",
      redirectUri: `${location.origin}/callback`,
      decodeToken: false,
      autoLogin: false,
    }}
  >
    <App />
  </AuthProvider>,
)
