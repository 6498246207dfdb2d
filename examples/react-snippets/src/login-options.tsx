import { useTokenActions } from "@ellipsis-oauth/react"

export const OtherAccount = ({ email }: { email: string }) => {
  const { login } = useTokenActions()
  const extra = { prompt: "login", login_hint: email, ui_locales: "nl en" }
  return (
    <button type="button" onClick={() => login({ extra, returnTo: "/maps" })}>
      Log in as {email}
    </button>
  )
}

export const SignOut = () => {
  const { logout } = useTokenActions()
  return (
    <button type="button" onClick={() => logout({ returnTo: "/goodbye" })}>
      Sign out
    </button>
  )
}
