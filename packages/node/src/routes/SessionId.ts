/** The id of a browser's session. The browser has it in a cookie, and the store has only its hash. */
import { randomBytes } from "node:crypto"
import { hash } from "./hash.js"

export interface SessionId {
  /** The cookie's value: the time at which it was made, and 256 random bits. A secret. */
  readonly value: string
  /** Milliseconds since the epoch. If it is changed in the cookie, the hash changes too, and no record is found. */
  readonly createdAt: number
  /**
   * The key in the store: the day of the login, then the hash of the owner and the whole value. So a stolen copy of the
   * store gives no access to a session, another client finds no record for the cookie, and the key shows the login's age.
   */
  readonly key: string
}

/** @param owner the client and server that the session belongs to */
export const makeSessionId = (now: number, owner: string): SessionId => {
  const createdAt = Math.floor(now)
  return toSessionId(`${createdAt.toString(36)}.${randomBytes(32).toString("base64url")}`, createdAt, owner)
}

const form = /^([0-9a-z]{8,9})\.[\w-]{43}$/

/** `undefined` for anything that {@link makeSessionId} does not make. */
export const parseSessionId = (value: string | undefined, owner: string): SessionId | undefined => {
  const time = value === undefined ? undefined : form.exec(value)?.[1]
  return value === undefined || time === undefined
    ? undefined
    : toSessionId(value, Number.parseInt(time, 36), owner)
}

const toSessionId = (value: string, createdAt: number, owner: string): SessionId => ({
  value,
  createdAt,
  key: `auth:${new Date(createdAt).toISOString().slice(0, 10)}:${hash(`${owner}:${value}`)}`,
})
