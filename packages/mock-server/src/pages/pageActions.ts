/** The actions of the dashboard: what a test does with the server object, for people. */
import { OptionError } from "../common/OptionError.js"
import { faultCatalog } from "../faults/faultCatalog.js"
import type { Controls } from "../server/Controls.js"

export type PageAction =
  | { readonly type: "expireAccessTokens" }
  | { readonly type: "failNextRefresh"; readonly fault: string }
  | { readonly type: "revokeFamily"; readonly family: string }
  /** The id of a user, or `deny`. */
  | { readonly type: "nextLogin"; readonly user: string }
  /** Milliseconds. */
  | { readonly type: "advanceClock"; readonly by: number }
  | { readonly type: "reset" }

/** Faults that the dashboard offers, by their names in `faultCatalog`. */
export const pageFaults = {
  refusedGrant: "invalid_grant: the user must log in again",
  unavailable: "503 with Retry-After",
  badGateway: "502 with HTML",
  reset: "connection reset before the grant",
  lostReply: "token rotated, response lost",
  slow: "response after 3 seconds",
  hang: "no response at all",
} as const satisfies Partial<Record<keyof typeof faultCatalog, string>>

const isPageFault = (name: unknown): name is keyof typeof pageFaults =>
  typeof name === "string" && Object.hasOwn(pageFaults, name)

const textOf = (action: object, name: string): string => {
  const value: unknown = Reflect.get(action, name)
  if (typeof value === "string") return value
  throw new OptionError(`action.${name}`, value, "a string")
}

/** Carries out an action of the dashboard; fails with an `OptionError`. */
export const performAction = (controls: Controls, action: unknown): void => {
  if (typeof action !== "object" || action === null) throw new OptionError("action", action, "an object")
  const type: unknown = Reflect.get(action, "type")
  switch (type as PageAction["type"]) {
    case "expireAccessTokens":
      controls.expireAccessTokens()
      break
    case "failNextRefresh": {
      const fault = textOf(action, "fault")
      if (!isPageFault(fault))
        throw new OptionError("action.fault", fault, Object.keys(pageFaults).join(" or "))
      controls.faults.next("refresh", faultCatalog[fault])
      break
    }
    case "revokeFamily":
      controls.revokeFamily(textOf(action, "family"))
      break
    case "nextLogin": {
      const user = textOf(action, "user")
      controls.authorize.next(user === "deny" ? "deny" : { user })
      break
    }
    case "advanceClock": {
      const by: unknown = Reflect.get(action, "by")
      if (typeof by !== "number") throw new OptionError("action.by", by, "milliseconds")
      controls.clock.advance(by)
      break
    }
    case "reset":
      controls.reset()
      break
    default:
      throw new OptionError("action.type", type, "the name of an action")
  }
}
