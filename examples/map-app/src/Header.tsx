import { TokenGate, useTokenActions } from "@ellipsis-oauth/react"
import { useState } from "react"
import { useMapSources } from "./MapSources.js"
import { TokenClock } from "./TokenClock.js"
import { useProtected } from "./useProtected.js"
import { userMessage } from "./userMessage.js"
import type { Theme } from "./useTheme.js"

export interface HeaderProps {
  readonly way: string
  readonly theme: Theme
  readonly onTheme: () => void
  readonly hasDevtools: boolean
  readonly onDevtools: () => void
}

export const Header = ({ way, theme, onTheme, hasDevtools, onDevtools }: HeaderProps) => (
  <header>
    <Logo />
    <div className="title">
      <h1>Surface</h1>
      <p>{way}</p>
    </div>
    <TokenGate>
      <Account />
    </TokenGate>
    <div className="tools">
      <button type="button" className="quiet" aria-pressed={hasDevtools} onClick={onDevtools}>
        Devtools
      </button>
      <button type="button" className="quiet" onClick={onTheme}>
        {theme === "dark" ? "Light" : "Dark"}
      </button>
    </div>
  </header>
)

const Account = () => {
  const { logout } = useTokenActions()
  const account = useProtected<{ readonly username: string }>(useMapSources().account)
  const [failure, setFailure] = useState<string>()
  const name = account !== undefined && "data" in account ? account.data.username : "…"
  const signOut = () => logout().catch((error: Error) => setFailure(userMessage(error)))
  return (
    <div className="account">
      <TokenClock />
      <span className="avatar" aria-hidden="true">
        {name.slice(0, 1).toUpperCase()}
      </span>
      <span className="name">{name}</span>
      <button type="button" onClick={signOut} title={failure}>
        {failure === undefined ? "Sign out" : "Try again"}
      </button>
    </div>
  )
}

const Logo = () => (
  <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="16" cy="16" r="15" fill="currentColor" />
    <g fill="none" stroke="var(--paper)" strokeWidth="1.8" strokeLinecap="round">
      <path d="M6 12.5c3-2.6 6-2.6 9.5 0s7 2.6 10.5 0" />
      <path d="M5 17.5c3.4-2.6 7-2.6 10.5 0s7.5 2.6 11.5 0" opacity=".75" />
      <path d="M7 22.5c3-2.6 5.5-2.6 8.5 0s6 2.6 9.5 0" opacity=".5" />
    </g>
  </svg>
)
