/** The part of the page that shows token families as trees. */
export const familiesScript = `
/** After the chip of a token that is active until then. */
const countdown = (until, then) =>
  el("span", { class: "small soft", "data-until": String(until), "data-then": then })

/** Expiry and the end of a grace period need no news from the server, only time. */
const drawCountdowns = (now) => {
  for (const element of document.querySelectorAll("[data-until]")) {
    const left = Number(element.dataset.until) - now
    const state = left > 0 ? "active" : element.dataset.then
    const grace = element.dataset.then === "rotated" ? " of grace left" : " left"
    const chip = element.previousElementSibling
    setText(element, left > 0 ? inWords(left) + grace : "")
    setText(chip, state)
    chip.className = "chip " + state
  }
}

const chip = (state) => el("span", { class: "chip " + state }, state)

const accessToken = ({ state, expiresAt, fingerprint }) =>
  el("li", {}, el("div", { class: "token" }, el("span", {}, "access"), el("code", {}, fingerprint), chip(state), state === "active" ? countdown(expiresAt, "expired") : undefined))

const older = (count, what) => count === 0 ? [] : [el("li", {}, el("span", { class: "soft small" }, plural(count, "older " + what)))]

const refreshToken = (token, children) =>
  el("li", {},
    el("div", { class: "token" },
      el("span", { class: "what" }, "refresh " + token.number),
      el("code", {}, token.fingerprint),
      chip(token.state),
      token.graceEnds === undefined ? undefined : countdown(token.graceEnds, "rotated"),
      token.uses > 0 ? el("span", { class: "small soft" }, "used " + (token.uses === 1 ? "once" : token.uses + " times")) : undefined),
    el("ul", { class: "tree" }, older(token.older, "access token"), token.accessTokens.map(accessToken), children))

/** A chain of rotations goes straight down; only where a token was used twice does it branch. */
const branch = (tokens, parent) => {
  const level = tokens.filter((token) => token.parent === parent)
  return level.flatMap((token) => {
    const next = tokens.filter((child) => child.parent === token.number)
    return next.length === 1 && level.length === 1
      ? [refreshToken(token, []), ...branch(tokens, token.number)]
      : [refreshToken(token, branch(tokens, token.number))]
  })
}

const drawFamily = (family) => {
  const numbers = new Set(family.refreshTokens.map(({ number }) => number))
  const tokens = family.refreshTokens.map((token) => numbers.has(token.parent) ? token : { ...token, parent: 0 })
  return el("li", { class: "family" },
    el("div", { class: "line" },
      el("h3", {}, family.clientId + " · " + family.username),
      family.revokedAt === undefined ? undefined : chip("revoked"),
      el("button", { type: "button", class: "link small", onclick: () => showFamily(family.id) }, familyName(family.id))),
    family.revokedBecause === undefined ? undefined : el("p", { class: "note revoked" }, "Revoked: " + family.revokedBecause + "."),
    el("ul", { class: "tree", "aria-label": "Tokens" }, older(family.older, "refresh token"), branch(tokens, 0)))
}

const drawFamilies = ({ families, olderFamilies }) => {
  const list = byId("families")
  byId("families-empty").hidden = families.length > 0
  const total = families.length + olderFamilies
  setText(byId("families-count"), total === 0 ? "" : total + (olderFamilies > 0 ? ", the newest " + families.length + " shown" : ""))
  const drawn = new Map([...list.children].map((child) => [child.dataset.drawn, child]))
  const wanted = families.toReversed().map((family) => [JSON.stringify(family), family])
  if (wanted.length === drawn.size && wanted.every(([key]) => drawn.has(key))) return
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("li.family")?.dataset.id : undefined
  list.replaceChildren(...wanted.map(([key, family]) => {
    const element = drawn.get(key) ?? drawFamily(family)
    element.dataset.drawn = key
    element.dataset.id = family.id
    return element
  }))
  if (focused !== undefined) [...list.children].find((child) => child.dataset.id === focused)?.querySelector("button").focus()
}
`
