/** Planned approvals and refusals of authorization requests. */
import { OptionError } from "../common/OptionError.js"
import { Refusal } from "../protocol/Refusal.js"
import type { Settings, User } from "../protocol/Settings.js"

/** The decision of the next user who visits the authorization endpoint. */
export type VisitorDecision = "approve" | "deny" | { readonly user: string }

export type Approval = { readonly user: User } | "deny"

/** The decisions that a test planned for the next users, in order. */
export interface Approvals {
  next(decision: VisitorDecision): void
  take(): Approval | undefined
  /** The planned decisions, in plain words. */
  readonly pending: readonly string[]
  clear(): void
}

/** A user by id or name; the first one when `wanted` is left out. Fails with an `OptionError`. */
export const findUser = (path: string, settings: Settings, wanted: string | undefined): User => {
  if (wanted === undefined) return settings.users[0]
  const user = settings.users.find(({ id, username }) => id === wanted || username === wanted)
  if (user !== undefined) return user
  throw new OptionError(path, wanted, settings.users.map(({ username }) => username).join(" or "))
}

/** With the provider's documented text (its page on `GET /oauth/authorize`). */
export const accessDenied = (reason: string): Refusal =>
  new Refusal({ error: "access_denied", description: "The user has refused access.", reason })

export const createApprovals = (settings: Settings): Approvals => {
  const waiting: Approval[] = []
  return {
    next: (decision) => {
      if (decision === "deny") waiting.push("deny")
      else if (decision === "approve") waiting.push({ user: settings.users[0] })
      else if (typeof decision === "object" && decision !== null) {
        waiting.push({ user: findUser("authorize.next.user", settings, decision.user) })
      } else throw new OptionError("authorize.next", decision, '"approve", "deny" or { user }')
    },
    take: () => waiting.shift(),
    get pending() {
      return waiting.map((approval) =>
        approval === "deny"
          ? "The next login: the user refuses."
          : `The next login: approved as ${approval.user.username}.`,
      )
    },
    clear: () => {
      waiting.length = 0
    },
  }
}
