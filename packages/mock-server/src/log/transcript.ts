/** The log as text without secrets, which can be pasted into an issue. */
import type { LogEntry } from "./Log.js"

/** Parameters whose values are useful and never secret. All others get a placeholder. */
const readable = new Set([
  "grant_type",
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "code_challenge_method",
  "decision",
])

/** A numbered placeholder for a value, such as `<refresh_token 2>`. */
type Placeholder = (name: string, value: string) => string

const createPlaceholder = (): Placeholder => {
  const known = new Map<string, string>()
  const counts = new Map<string, number>()
  return (name, value) => {
    const found = known.get(value)
    if (found !== undefined) return found
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const placeholder = `<${name} ${count}>`
    known.set(value, placeholder)
    return placeholder
  }
}

/** Whether a parameter can be shown as it is. */
export const isReadable = (name: string, value: string): boolean =>
  readable.has(name) && /^[\w\-.~:/?#[\]@!$&'()*+,;=% ]{1,100}$/.test(value)

/** Names come from the client too, so they must not break lines or contain a whole secret. */
export const plainName = (name: string): string => (/^[\w.-]{1,40}$/.test(name) ? name : "(odd name)")

const parameters = (entry: Readonly<Record<string, string>>, placeholder: Placeholder): string =>
  Object.entries(entry)
    .map(([name, value]) => {
      const shown = plainName(name)
      return `${shown}=${isReadable(name, value) ? value.split("?")[0] : placeholder(shown, value)}`
    })
    .join(" ")

const entryLines = (entry: LogEntry, placeholder: Placeholder): readonly string[] => {
  const sent = entry.status === 0 ? "nothing" : String(entry.status)
  const error = entry.error === undefined ? "" : ` ${entry.error}`
  const lines = [
    `#${entry.number} ${new Date(entry.time).toISOString()} ${plainName(entry.method)} ${entry.endpoint} -> ${sent}${error}`,
  ]
  const sentParameters = parameters(entry.parameters, placeholder)
  if (sentParameters !== "") lines.push(`   ${sentParameters}`)
  const query = parameters(entry.query ?? {}, placeholder)
  if (query !== "") lines.push(`   in the query: ${query}`)
  if (entry.clientAuthentication !== undefined)
    lines.push(`   client authentication: ${entry.clientAuthentication}`)
  lines.push(`   ${entry.decision}: ${entry.reason}`)
  if (entry.fault !== undefined) lines.push(`   fault: ${entry.fault}`)
  return lines
}

export const transcript = (entries: readonly LogEntry[]): string => {
  const placeholder = createPlaceholder()
  return entries
    .flatMap((entry) => entryLines(entry, placeholder))
    .map((line) => `${line}\n`)
    .join("")
}
