/** The data of the dashboard: the log and the token families, without tokens, codes and wrong secrets. */

import { inWords } from "../common/Duration.js"
import type { FaultPlan } from "../faults/Faults.js"
import type { Provider } from "../grants/Provider.js"
import { listFamilies, type RefreshTokenNode, type TokenFamily } from "../grants/TokenFamily.js"
import type { LogEntry } from "../log/Log.js"
import { lint } from "../log/lint.js"
import { isReadable, plainName } from "../log/transcript.js"
import type { ClientRegistration } from "../protocol/ClientRegistration.js"
import type { Settings } from "../protocol/Settings.js"
import { pageFaults } from "./pageActions.js"

/** How much the dashboard shows; `server.log` and `server.families` have the rest. */
const newest = { entries: 250, families: 20, findings: 100, refreshTokens: 12, accessTokens: 3 } as const

/** FNV-1a. Equal secrets have equal fingerprints; 24 bits are too few to reveal a token. */
const fingerprint = (secret: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < secret.length; i++) hash = Math.imul(hash ^ secret.charCodeAt(i), 0x01000193)
  return (hash >>> 8).toString(16).padStart(6, "0")
}

interface FeedParameter {
  readonly name: string
  readonly value?: string | undefined
  /** A fingerprint instead of the value. */
  readonly secret?: string
}

const parameters = (record: Readonly<Record<string, string>> = {}): readonly FeedParameter[] =>
  Object.entries(record).map(([name, value]) =>
    isReadable(name, value)
      ? { name: plainName(name), value: value.split("?")[0] }
      : { name: plainName(name), secret: fingerprint(value) },
  )

const feedEntry = ({ parameters: sent, query, ...entry }: LogEntry) => ({
  ...entry,
  parameters: parameters(sent),
  query: parameters(query),
})

/** Parents before children, each with its parent's number, so that the page can draw rotation as a flat list. */
const flatten = (roots: readonly RefreshTokenNode[]) => {
  const found: Array<{ readonly node: RefreshTokenNode; readonly parent: number }> = []
  const open = roots.map((node) => ({ node, parent: 0 }))
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    found.push(next)
    const { children, number } = next.node
    open.unshift(...children.map((node) => ({ node, parent: number })))
  }
  return found
}

const feedFamily = ({ refreshTokens, ...family }: TokenFamily, grace: number) => {
  const tokens = flatten(refreshTokens)
  return {
    ...family,
    older: Math.max(0, tokens.length - newest.refreshTokens),
    refreshTokens: tokens.slice(-newest.refreshTokens).map(({ node, parent }) => ({
      number: node.number,
      parent,
      state: node.state,
      // When the grace period of a replaced token ends.
      graceEnds: node.state === "active" && node.rotatedAt !== undefined ? node.rotatedAt + grace : undefined,
      uses: node.uses,
      fingerprint: fingerprint(node.token),
      older: Math.max(0, node.accessTokens.length - newest.accessTokens),
      accessTokens: node.accessTokens.slice(-newest.accessTokens).map(({ state, expiresAt, token }) => ({
        state,
        expiresAt,
        fingerprint: fingerprint(token),
      })),
    })),
  }
}

/** The secret is included: developers need it for their app, and it is valid only at this mock server. */
const feedClient = ({
  clientId,
  clientSecret,
  redirectUris,
  loopbackPaths = [],
  name,
}: ClientRegistration) => ({
  clientId,
  clientSecret,
  redirectUris,
  loopbackPaths,
  name: name ?? clientId,
})

const behaviour = (settings: Settings): ReadonlyArray<readonly [string, string]> => [
  ["Consent", settings.autoApprove ? "approved at once" : "asked for on a page"],
  ["PKCE", settings.pkce],
  ["Code", `valid for ${inWords(settings.codeLifetime)}, sent as ${settings.codeParameter}`],
  ["Access token", `valid for ${inWords(settings.accessTokenLifetime)}`],
  [
    "Refresh token",
    settings.rotation === "off"
      ? "stays the same at a refresh"
      : settings.rotation.grace === 0
        ? "rotates at each refresh"
        : `rotates; the old one stays valid for ${inWords(settings.rotation.grace)}`,
  ],
  ["Scopes", settings.scopes.join(" ")],
]

/** Everything after log entry number `after`. */
export const createFeed = (provider: Provider, faults: FaultPlan, after: number) => {
  const { clock, grants, log, settings } = provider
  const { now } = settings
  const grace = settings.rotation === "off" ? 0 : settings.rotation.grace
  const entries = log.entries.filter(({ number }) => number > after)
  return {
    now: clock.now(),
    isClockStopped: typeof now === "number",
    clockOffset: clock.now() - (typeof now === "number" ? now : now()),
    latest: log.nextNumber - 1,
    users: settings.users,
    faults: pageFaults,
    pending: [...provider.approvals.pending, ...faults.pending],
    clients: [...settings.clients.values()].map(feedClient),
    behaviour: behaviour(settings),
    entries: entries.slice(-newest.entries).map(feedEntry),
    families: listFamilies(provider, newest.families).map((family) => feedFamily(family, grace)),
    olderFamilies: Math.max(0, grants.families.size - newest.families),
    findings: lint(log.entries, settings).slice(-newest.findings),
  }
}

export type Feed = ReturnType<typeof createFeed>

/** The response to the page: the feed, the server state it is from, and how long it took to make, in milliseconds. */
export interface FeedUpdate extends Feed {
  readonly generation: string
  readonly version: number
  readonly cost: number
}
