/** A request of the log as a `curl` command; secrets that the dashboard does not know become shell variables. */
import type { Feed } from "../DashboardFeed.js"

type Entry = Feed["entries"][number]
type Client = Feed["clients"][number]

const quote = (text: string): string =>
  /^[\w.:/=@%,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const variable = (name: string): string => `"$${name.replace(/\W/g, "_").toUpperCase()}"`

export const curlOf = (base: string, entry: Entry, clients: readonly Client[]): string => {
  const secret = clients.find(({ clientId }) => clientId === entry.clientId)?.clientSecret
  const parts = [`curl -i ${quote(new URL(entry.path, base).href)}`]
  const isGet = entry.method === "GET"
  if (isGet && entry.parameters.length > 0) parts.push("-G")
  else if (!isGet && entry.method !== "POST") parts.push(`-X ${quote(entry.method)}`)
  if (entry.clientAuthentication === "basic") {
    parts.push(
      `-u ${quote(`${entry.clientId}:`)}${secret === undefined ? variable("client_secret") : quote(secret)}`,
    )
  }
  for (const { name, value } of entry.parameters) {
    const shown = value ?? (name === "client_secret" ? secret : undefined)
    parts.push(`--data-urlencode ${quote(`${name}=`)}${shown === undefined ? variable(name) : quote(shown)}`)
  }
  const isApi = entry.endpoint === "account" || entry.endpoint === "path"
  if (isApi && !entry.parameters.some(({ name }) => name === "token")) {
    parts.push(`-H "Authorization: Bearer $ACCESS_TOKEN"`)
  }
  return parts.join(" \\\n  ")
}
