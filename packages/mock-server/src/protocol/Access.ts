/** Who may open the page for people and use the remote control, which show and do more than any provider would. */

import { OptionError } from "../common/OptionError.js"
import type { Cors } from "./Cors.js"
import type { PlainRequest } from "./Message.js"

export interface AccessOptions {
  /** Whether other processes may do through `/__mock/` what a test does with this object. Default: `false`. */
  readonly remoteControl?: boolean
  /** Whether a browser that opens `/` sees how to connect an app, and what happens. Default: `true`. */
  readonly page?: boolean
  /**
   * Host names under which page and remote control may be asked for, such as `mock` in a network of containers.
   * Always allowed: `localhost`, IP addresses, and the host that the server listens on.
   */
  readonly allowedHosts?: readonly string[]
}

export interface Access {
  readonly remoteControl: boolean
  readonly page: boolean
  readonly allowedHosts: readonly string[]
}

export const accessNames: readonly (keyof AccessOptions)[] = ["remoteControl", "page", "allowedHosts"]

const checkSwitch = (path: string, value: unknown): boolean => {
  if (typeof value === "boolean") return value
  throw new OptionError(path, value, "true or false")
}

const hostName = (authority: string): string | undefined => {
  const url = `http://${authority}/`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

const checkHosts = (value: unknown): readonly string[] => {
  const names: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined
  const isName = (name: unknown): name is string =>
    typeof name === "string" && hostName(name) === name.toLowerCase()
  if (names?.every(isName)) return names.map((name) => name.toLowerCase())
  throw new OptionError("allowedHosts", value, 'an array of host names without ports, such as ["mock"]')
}

export const resolveAccess = (options: AccessOptions): Access => ({
  remoteControl: checkSwitch("remoteControl", options.remoteControl ?? false),
  page: checkSwitch("page", options.page ?? true),
  allowedHosts: checkHosts(options.allowedHosts ?? []),
})

const isLocal = (name: string): boolean =>
  name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name)

const isAddress = (name: string): boolean => name.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(name)

/**
 * Whether the request names this server. A page of another site can make its own host name resolve to this
 * machine (DNS rebinding), and a browser then takes the reply for that page's own; the name gives it away.
 */
export const isAllowedHost = (access: Access, request: PlainRequest, ownOrigin: string): boolean => {
  const host = request.header("host")
  // In process there is none, and no browser either.
  if (host === undefined) return true
  const name = hostName(host)
  if (name === undefined) return false
  return (
    isLocal(name) ||
    isAddress(name) ||
    name === new URL(ownOrigin).hostname ||
    access.allowedHosts.includes(name)
  )
}

/** Whether the page that sends the request, if one does, may: this machine's, this server's own, or one that `cors` lists. */
export const isAllowedOrigin = (cors: Cors, request: PlainRequest): boolean => {
  const origin = request.header("origin")
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { host, hostname } = new URL(origin)
  if (host === request.header("host")) return true
  if (Array.isArray(cors)) return cors.includes(origin)
  return cors === "any" && isLocal(hostname)
}
