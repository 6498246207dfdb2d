import { createBackendTokenClient, TokenProvider, useToken } from "@ellipsis-oauth/react"

// Each with routes of its own, made with another `cookieName`.
const clients = { work: "/auth/work", home: "/auth/home" }

const accounts = Object.entries(clients).map(
  ([name, basePath]) => [name, createBackendTokenClient({ basePath })] as const,
)

const Account = ({ name }: { name: string }) => (
  <li>
    {name}: {useToken((state) => state.status)}
  </li>
)

export const Accounts = () => (
  <ul>
    {accounts.map(([name, client]) => (
      <TokenProvider key={name} client={client}>
        <Account name={name} />
      </TokenProvider>
    ))}
  </ul>
)
