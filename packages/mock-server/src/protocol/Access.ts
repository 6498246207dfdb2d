/** Access control for the dashboard and the remote control, which a real provider does not have. */

import { OptionError } from "../common/OptionError.js"
import type { Cors } from "./Cors.js"
import type { PlainRequest } from "./Message.js"

export interface AccessOptions {
  /** Whether other processes can control the server through `/__mock/`. Default: `false`. */
  readonly remoteControl?: boolean
  /** Whether `/` is a dashboard that shows how to connect an app, and all requests. Default: `true`. */
  readonly page?: boolean
  /**
   * Host names that requests for the dashboard and the remote control may use, such as `mock` in a network of containers.
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

/** Whether it is a host name or address, without a port. */
export const isHostName = (name: unknown): name is string =>
  typeof name === "string" && hostName(name) === name.toLowerCase()

const checkHosts = (value: unknown): readonly string[] => {
  const names: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined
  if (names?.every(isHostName)) return names.map((name) => name.toLowerCase())
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
 * Whether the Host header names this server. Another site can make its own host name resolve to this machine (DNS
 * rebinding), so that a browser lets its pages read the responses; the Host header then has that other name.
 */
export const isAllowedHost = (access: Access, request: PlainRequest, ownOrigin: string): boolean => {
  const host = request.header("host")
  // A request in process has no Host header, and does not come from a browser.
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

/** Whether the origin is allowed: none (not a browser), this server's own, one that `cors` lists, or one of this machine. */
export const isAllowedOrigin = (cors: Cors, request: PlainRequest): boolean => {
  const origin = request.header("origin")
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { host, hostname } = new URL(origin)
  if (host === request.header("host")) return true
  if (Array.isArray(cors)) return cors.includes(origin)
  return cors === "any" && isLocal(hostname)
}
