/** Reads the values of flags as a person types them. */

import { type Duration, toMilliseconds } from "../common/Duration.js"
import { OptionError } from "../common/OptionError.js"
import { type Fault, resolveFault } from "../faults/Fault.js"
import { type FaultTarget, faultTargets } from "../faults/Faults.js"
import { faultCatalog } from "../faults/faultCatalog.js"
import { isHostName } from "../protocol/Access.js"
import type { ClientRegistration } from "../protocol/ClientRegistration.js"
import type { Rotation, User } from "../protocol/Settings.js"
import { badFlag, UsageError } from "./UsageError.js"

/** Converts the value of a flag to an option; fails with a `UsageError`. */
export type ReadValue<T> = (value: string, flag: string) => T

export const readText: ReadValue<string> = (value, flag) => {
  if (value === "") throw badFlag(flag, value, "text that is not empty")
  return value
}

export const readHostName: ReadValue<string> = (value, flag) => {
  if (isHostName(value)) return value
  throw badFlag(flag, value, "a host name without a port, such as mock")
}

export const readPort: ReadValue<number> = (value, flag) => {
  const port = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw badFlag(flag, value, "a port from 0 (any free one) to 65535")
}

export const readRate: ReadValue<number> = (value, flag) => {
  const rate = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN
  if (rate <= 1) return rate
  throw badFlag(flag, value, "a number from 0 to 1, such as 0.3")
}

const unitOf = { s: "seconds", m: "minutes", h: "hours", d: "days" } as const

/** Reads `90s` and `90 seconds`. */
export const readDuration: ReadValue<Duration> = (value, flag) => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(s|m|h|d)$/.exec(value) ?? []
  const text = unit === undefined ? value : `${amount} ${unitOf[unit as keyof typeof unitOf]}`
  try {
    return toMilliseconds(flag, text)
  } catch {
    throw badFlag(flag, value, 'a duration such as 90s, 15m, 1h, 7d or "90 seconds"')
  }
}

export const readChoice =
  <const T extends string>(...choices: readonly T[]): ReadValue<T> =>
  (value, flag) => {
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw badFlag(flag, value, choices.join(" or "))
    return found
  }

export const readRefreshTokenLifetime: ReadValue<Duration | "unlimited"> = (value, flag) =>
  value === "unlimited" ? value : readDuration(value, flag)

export const readRotation: ReadValue<Rotation> = (value, flag) => {
  if (value === "off" || value === "always") return value
  try {
    return { grace: readDuration(value, flag) }
  } catch {
    throw badFlag(flag, value, "off, always, or how long the old token still works, such as 30s")
  }
}

export const readUser: ReadValue<User> = (value, flag) => {
  const username = readText(value, flag)
  return { id: username, username }
}

/** `id:secret@uri`, or `id@uri` for a public client; more URIs after commas. */
export const readClient: ReadValue<ClientRegistration> = (value, flag) => {
  const [, clientId, clientSecret, uris] = /^([^:@]+)(?::(.+?))?@([a-z][a-z0-9+.-]*:.+)$/i.exec(value) ?? []
  if (clientId === undefined || uris === undefined) {
    throw badFlag(
      flag,
      // The rest may be a secret.
      value.includes(":") ? `${value.slice(0, value.indexOf(":"))}:…` : value,
      "id:secret@redirect-uri, or id@redirect-uri for a public client, such as my-app:my-secret@http://localhost:3000/callback",
    )
  }
  return {
    clientId,
    redirectUris: uris.split(/,(?=[a-z][a-z0-9+.-]*:)/i),
    ...(clientSecret === undefined ? undefined : { clientSecret }),
  }
}

export interface FaultOrder {
  readonly fault: Fault
  readonly target: FaultTarget
  /** How many requests get this fault; all of them if left out. */
  readonly times: number | undefined
}

const readJson = (text: string): Fault | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `name`, `name@endpoint`, `name:times`, `name@endpoint:times`; JSON can stand for the name. */
export const readFault: ReadValue<FaultOrder> = (value, flag) => {
  const [, what = "", target = "token", times] = /^(.*?)(?:@(\w+))?(?::(\d+))?$/s.exec(value) ?? []
  const named = Object.hasOwn(faultCatalog, what) ? Reflect.get(faultCatalog, what) : undefined
  const fault: Fault | undefined = what.startsWith("{") ? readJson(what) : named
  const known = faultTargets.find((candidate) => candidate === target)
  if (fault === undefined || known === undefined || times === "0") {
    throw badFlag(
      flag,
      value,
      `name, name@endpoint or name@endpoint:times, such as unavailable@token:2; names: ${Object.keys(faultCatalog).join(", ")}; endpoints: ${faultTargets.join(", ")}`,
    )
  }
  try {
    resolveFault(flag, fault)
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(`${error.option} ${error.problem}`) : error
  }
  return { fault, target: known, times: times === undefined ? undefined : Number(times) }
}
