/** What the command prints: how to connect an app, then each request, for people or for programs. */

import type { Finding } from "../log/Finding.js"
import type { LogEntry } from "../log/Log.js"
import { type ClientRegistration, defaultClients } from "../protocol/ClientRegistration.js"
import type { MockServer } from "../server/MockServer.js"
import type { CommandSettings } from "./CommandSettings.js"

export interface CommandOutput {
  start(server: MockServer): void
  entry(entry: LogEntry): void
  finding(finding: Finding): void
}

/** Without control characters, which a client could send to change the terminal. */
const plain = (text: string): string => text.replace(/\p{C}/gu, "?")

const colors = {
  granted: 32,
  served: 90,
  refused: 31,
  skipped: 33,
  finding: 35,
  soft: 90,
  strong: 1,
} as const

type Paint = (color: keyof typeof colors, text: string) => string

const createPaint = (colored: boolean): Paint =>
  colored ? (color, text) => `\u001b[${colors[color]}m${text}\u001b[0m` : (_, text) => text

/** A URL for this machine where the server listens on every address. */
const reachable = (url: string): string => url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, "//localhost:")

const clientLines = (paint: Paint, url: string, client: ClientRegistration): readonly string[] => [
  `  ${paint("strong", client.name ?? client.clientId)}${client.clientSecret === undefined ? " (public: no secret, PKCE)" : ""}`,
  `    ELLIPSIS_OAUTH_BASE_URL=${url}`,
  `    ELLIPSIS_OAUTH_CLIENT_ID=${client.clientId}`,
  ...(client.clientSecret === undefined ? [] : [`    ELLIPSIS_OAUTH_CLIENT_SECRET=${client.clientSecret}`]),
  ...client.redirectUris.map((uri) => `    ELLIPSIS_OAUTH_REDIRECT_URI=${uri}`),
  ...(client.loopbackPaths === undefined
    ? []
    : [`    (and ${client.loopbackPaths.join(", ")} on any port of this machine)`]),
  "",
]

const startLines = (paint: Paint, url: string, { options }: CommandSettings): readonly string[] => {
  const page = new URL("/", url).href
  return [
    "",
    `  ${paint("strong", "Ellipsis Drive mock server")}`,
    "",
    `  Base URL        ${url}`,
    ...(options.page === false ? [] : [`  In a browser    ${page}`]),
    ...(options.remoteControl === true ? [`  Remote control  ${page}__mock/openapi.json`] : []),
    "",
    "  For your app's configuration:",
    "",
    ...(options.clients ?? defaultClients).flatMap((client) => clientLines(paint, url, client)),
    paint(
      "soft",
      options.autoApprove === false
        ? "  A page asks users for consent. Ctrl-C ends."
        : "  Every login is approved at once (--consent shows a page). Ctrl-C ends.",
    ),
    "",
  ]
}

const time = (epochMilliseconds: number): string => new Date(epochMilliseconds).toTimeString().slice(0, 8)

const what = ({ method, endpoint, path, grantType }: LogEntry): string =>
  endpoint === "other"
    ? `${method} ${path}`
    : [method === "direct" ? "" : method, endpoint, grantType ?? ""].filter((word) => word !== "").join(" ")

const entryLines = (paint: Paint, entry: LogEntry): readonly string[] => {
  const status = entry.status === 0 ? "no response" : String(entry.status)
  const decision = entry.error === undefined ? entry.decision : `${entry.decision}: ${entry.error}`
  const details = [
    entry.field === undefined ? "" : `${entry.field}: `,
    entry.expected === undefined ? "" : `expected ${entry.expected}`,
    entry.expected === undefined || entry.got === undefined ? "" : ", ",
    entry.got === undefined ? "" : `got ${entry.got}`,
  ].join("")
  const lines = [
    `${paint("soft", `${time(entry.time)} #${entry.number}`)} ${plain(what(entry))} ${paint(entry.decision, `${status} ${decision}`)}${entry.clientId === undefined ? "" : ` ${paint("soft", plain(entry.clientId))}`}`,
    `    ${plain(entry.reason)}`,
  ]
  if (entry.decision === "refused" && details !== "") lines.push(`    ${paint("soft", plain(details))}`)
  if (entry.fault !== undefined) lines.push(paint("skipped", `    Fault: ${entry.fault}.`))
  return lines
}

const print = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
  stream.write(`${lines.join("\n")}\n`)
}

export const createOutput = (settings: CommandSettings): CommandOutput => {
  const { stdout, stderr, env } = process
  const human = settings.json ? stderr : stdout
  const paint = createPaint(human.isTTY === true && env["NO_COLOR"] === undefined)
  return {
    start: (server) => {
      const url = reachable(server.url)
      if (settings.json) print(stdout, [JSON.stringify({ listening: { url } })])
      print(human, startLines(paint, url, settings))
    },
    entry: (entry) => print(stdout, settings.json ? [JSON.stringify(entry)] : entryLines(paint, entry)),
    finding: ({ entry, rule, severity, message, section }) => {
      if (settings.json) return
      print(stdout, [
        paint(
          severity === "error" ? "refused" : "finding",
          `  ${severity}: ${rule} in #${entry}: ${message} ${section}`,
        ),
      ])
    },
  }
}
