/** The id of a browser's session: the browser has it in its cookie, and the store knows only its hash. */
import { randomBytes } from "node:crypto"
import { hash } from "./hash.js"

export interface SessionId {
  /** The cookie's value: when it was made, and 256 random bits. A secret. */
  readonly value: string
  /** Milliseconds since the epoch. Whoever changes it in the cookie has another hash, with nothing stored under it. */
  readonly createdAt: number
  /**
   * The key in the store: the day of the login, then the hash of the whole value. A copy of the store opens no session,
   * and what is too old to be used can be told by its key.
   */
  readonly key: string
}

export const makeSessionId = (now: number): SessionId => {
  const createdAt = Math.floor(now)
  return toSessionId(`${createdAt.toString(36)}.${randomBytes(32).toString("base64url")}`, createdAt)
}

const form = /^([0-9a-z]{8,9})\.[\w-]{43}$/

/** `undefined` for anything that {@link makeSessionId} does not make. */
export const parseSessionId = (value: string | undefined): SessionId | undefined => {
  const time = value === undefined ? undefined : form.exec(value)?.[1]
  return value === undefined || time === undefined ? undefined : toSessionId(value, Number.parseInt(time, 36))
}

const toSessionId = (value: string, createdAt: number): SessionId => ({
  value,
  createdAt,
  key: `auth:${new Date(createdAt).toISOString().slice(0, 10)}:${hash(value)}`,
})
