/** The part of the dashboard that controls tokens, the next refresh, the next login and the clock. */
import type { Feed } from "../DashboardFeed.js"
import type { PageAction } from "../pageActions.js"
import { announce, byId, type Children, el } from "./elements.js"

/** Sends an action and announces the result, also to screen readers. */
export const perform = async (action: PageAction, done: string): Promise<void> => {
  try {
    const response = await fetch("/__page/action", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(action),
    })
    if (response.ok) {
      announce(done)
      return
    }
    const { message } = (await response.json()) as { message?: string }
    announce(message ?? `The server responded with ${response.status}.`)
  } catch {
    announce("The server could not be reached.")
  }
}

const button = (label: string, action: () => PageAction, done: string): HTMLElement =>
  el("button", { type: "button", class: "do", onclick: () => void perform(action(), done) }, label)

const row = (label: string, ...controls: readonly Children[]): HTMLElement =>
  el(
    "div",
    { class: "control" },
    el("span", { class: "soft small" }, label),
    el("div", { class: "dos" }, ...controls),
  )

const select = (label: string, options: ReadonlyArray<readonly [string, string]>): HTMLSelectElement =>
  el(
    "select",
    { "aria-label": label },
    options.map(([value, text]) => el("option", { value }, text)),
  )

const minute = 60_000

const steps = [
  ["+1 min", minute],
  ["+1 hour", 60 * minute],
  ["+1 day", 1_440 * minute],
] as const

export const drawControl = ({ users, faults }: Feed): void => {
  const fault = select("How the next refresh fails", Object.entries(faults))
  const user = select("Who logs in next", [
    ...users.map(({ id, username }) => [id, `as ${username}`] as const),
    ["deny", "user refuses"],
  ])
  byId("control").replaceChildren(
    row(
      "Tokens",
      button(
        "Expire access tokens",
        () => ({ type: "expireAccessTokens" }),
        "All access tokens have expired",
      ),
      button("Reset the server", () => ({ type: "reset" }), "The server was reset"),
    ),
    row(
      "Clock",
      steps.map(([label, by]) =>
        button(label, () => ({ type: "advanceClock", by }), `The clock was moved by ${label}`),
      ),
    ),
    row(
      "Next refresh",
      fault,
      button(
        "Fail it",
        () => ({ type: "failNextRefresh", fault: fault.value }),
        "The next refresh will fail",
      ),
    ),
    row(
      "Next login",
      user,
      button("Set", () => ({ type: "nextLogin", user: user.value }), "Set. Now log in from your app."),
    ),
  )
}

/** Planned faults and logins that have not happened yet. */
export const drawPending = ({ pending }: Feed): void => {
  const place = byId("pending")
  place.hidden = pending.length === 0
  if (place.dataset["drawn"] === pending.join("\n")) return
  place.dataset["drawn"] = pending.join("\n")
  place.replaceChildren(...pending.map((text) => el("li", { class: "note skipped" }, text)))
}
