/** The part of the dashboard that shows token families as trees. */
import type { Feed } from "../DashboardFeed.js"
import { perform } from "./control.js"
import { byId, type Children, el, inWords, plural, setText } from "./elements.js"
import { familyName, showFamily } from "./timeline.js"

type Family = Feed["families"][number]
type RefreshToken = Family["refreshTokens"][number]
type AccessToken = RefreshToken["accessTokens"][number]

/** The remaining time, shown after the chip of a token that is active until then. */
const countdown = (until: number, afterwards: string): HTMLElement =>
  el("span", { class: "small soft", "data-until": String(until), "data-afterwards": afterwards })

/** Updates expiry and the end of grace periods without a message from the server. */
export const drawCountdowns = (now: number): void => {
  for (const element of document.querySelectorAll<HTMLElement>("[data-until]")) {
    const { until, afterwards = "" } = element.dataset
    const left = Number(until) - now
    const state = left > 0 ? "active" : afterwards
    const chip = element.previousElementSibling
    setText(
      element,
      left > 0 ? inWords(left) + (afterwards === "rotated" ? " of grace period left" : " left") : "",
    )
    if (chip === null) continue
    setText(chip, state)
    chip.className = `chip ${state}`
  }
}

const chip = (state: string): HTMLElement => el("span", { class: `chip ${state}` }, state)

const accessToken = ({ state, expiresAt, fingerprint }: AccessToken): HTMLElement =>
  el(
    "li",
    {},
    el(
      "div",
      { class: "token" },
      el("span", {}, "access"),
      el("code", {}, fingerprint),
      chip(state),
      state === "active" ? countdown(expiresAt, "expired") : undefined,
    ),
  )

const older = (count: number, what: string): Children =>
  count === 0 ? [] : el("li", {}, el("span", { class: "soft small" }, plural(count, `older ${what}`)))

const refreshToken = (token: RefreshToken, children: Children): HTMLElement =>
  el(
    "li",
    {},
    el(
      "div",
      { class: "token" },
      el("span", { class: "what" }, `refresh ${token.number}`),
      el("code", {}, token.fingerprint),
      chip(token.state),
      token.graceEnds === undefined ? undefined : countdown(token.graceEnds, "rotated"),
      token.uses === 0
        ? undefined
        : el("span", { class: "small soft" }, token.uses === 1 ? "used once" : `used ${token.uses} times`),
    ),
    el(
      "ul",
      { class: "tree" },
      older(token.older, "access token"),
      token.accessTokens.map(accessToken),
      children,
    ),
  )

/** A chain of rotations is a flat list; it branches only where a token was used twice. */
const branch = (tokens: readonly RefreshToken[], parent: number): readonly HTMLElement[] => {
  const level = tokens.filter((token) => token.parent === parent)
  return level.flatMap((token) => {
    const next = tokens.filter((child) => child.parent === token.number)
    return next.length === 1 && level.length === 1
      ? [refreshToken(token, []), ...branch(tokens, token.number)]
      : [refreshToken(token, branch(tokens, token.number))]
  })
}

const drawFamily = (family: Family): HTMLElement => {
  const numbers = new Set(family.refreshTokens.map(({ number }) => number))
  const tokens = family.refreshTokens.map((token) =>
    numbers.has(token.parent) ? token : { ...token, parent: 0 },
  )
  const { id, clientId, username, revokedAt, revokedBecause } = family
  return el(
    "li",
    { class: "family" },
    el(
      "div",
      { class: "line" },
      el("h3", {}, `${clientId} · ${username}`),
      revokedAt === undefined ? undefined : chip("revoked"),
      el("button", { type: "button", class: "link small", onclick: () => showFamily(id) }, familyName(id)),
      revokedAt !== undefined
        ? undefined
        : el(
            "button",
            {
              type: "button",
              class: "link small danger",
              onclick: () =>
                void perform({ type: "revokeFamily", family: id }, `${familyName(id)} is revoked`),
            },
            "Revoke",
          ),
    ),
    revokedBecause === undefined
      ? undefined
      : el("p", { class: "note revoked" }, `Revoked: ${revokedBecause}.`),
    el(
      "ul",
      { class: "tree", "aria-label": "Tokens" },
      older(family.older, "refresh token"),
      branch(tokens, 0),
    ),
  )
}

const dataOf = (element: Element): DOMStringMap => (element instanceof HTMLElement ? element.dataset : {})

export const drawFamilies = ({ families, olderFamilies }: Feed): void => {
  const list = byId("families")
  byId("families-empty").hidden = families.length > 0
  const total = families.length + olderFamilies
  const shown = olderFamilies > 0 ? `, newest ${families.length} shown` : ""
  setText(byId("families-count"), total === 0 ? "" : total + shown)
  const drawn = new Map([...list.children].map((child) => [dataOf(child)["drawn"], child]))
  const wanted = families.toReversed().map((family) => [JSON.stringify(family), family] as const)
  if (wanted.length === drawn.size && wanted.every(([key]) => drawn.has(key))) return
  const active = document.activeElement
  const focused = list.contains(active) ? active?.closest<HTMLElement>("li.family")?.dataset["id"] : undefined
  list.replaceChildren(
    ...wanted.map(([key, family]) => {
      const element = drawn.get(key) ?? drawFamily(family)
      Object.assign(dataOf(element), { drawn: key, id: family.id })
      return element
    }),
  )
  if (focused === undefined) return
  const again = [...list.children].find((child) => dataOf(child)["id"] === focused)
  again?.querySelector("button")?.focus()
}
