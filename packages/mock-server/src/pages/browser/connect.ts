/** The part of the dashboard that shows the configuration for an app. */
import type { Feed } from "../DashboardFeed.js"
import { breakable, byId, choice, copyable, copyButton, el } from "./elements.js"

type Client = Feed["clients"][number]

export const base = `${location.origin}/v3`

const endpoints = {
  "Authorization endpoint": `${base}/oauth/authorize`,
  "Token endpoint": `${base}/oauth/token`,
}

const formats: ReadonlyArray<readonly [string, (client: Client) => string]> = [
  [
    ".env",
    (client) =>
      [
        `ELLIPSIS_OAUTH_BASE_URL=${base}`,
        `ELLIPSIS_OAUTH_CLIENT_ID=${client.clientId}`,
        ...(client.clientSecret === undefined ? [] : [`ELLIPSIS_OAUTH_CLIENT_SECRET=${client.clientSecret}`]),
        `ELLIPSIS_OAUTH_REDIRECT_URI=${client.redirectUris[0]}`,
      ].join("\n"),
  ],
  [
    "TypeScript",
    // A public client runs in a browser; a client with a secret runs in a backend.
    ({ clientId, clientSecret, redirectUris }) => {
      const isPublic = clientSecret === undefined
      const create = isPublic ? "createBrowserTokenClient" : "createTokenClient"
      return [
        `import { ${create}, ellipsisDrive } from "@ellipsis-oauth/${isPublic ? "react" : "node"}"`,
        "",
        `export const client = ${create}({`,
        `  server: ellipsisDrive({ baseUrl: ${JSON.stringify(base)} }),`,
        `  clientId: ${JSON.stringify(clientId)},`,
        ...(isPublic ? [] : [`  clientSecret: ${JSON.stringify(clientSecret)},`]),
        `  redirectUri: ${JSON.stringify(redirectUris[0])},`,
        "})",
      ].join("\n")
    },
  ],
  [
    "JSON",
    ({ clientId, clientSecret, redirectUris }) =>
      JSON.stringify({ baseUrl: base, clientId, clientSecret, redirectUri: redirectUris[0] }, null, 2),
  ],
]

let shownClient = 0
let shownFormat = 0

const fact = (name: string, ...values: readonly HTMLElement[]): HTMLElement =>
  el(
    "div",
    {},
    el("dt", {}, name),
    values.map((value) => el("dd", {}, value)),
  )

const clientFacts = ({ clientId, clientSecret, redirectUris, loopbackPaths }: Client): HTMLElement =>
  el(
    "dl",
    { class: "facts" },
    fact("Base URL", copyable("Base URL", base)),
    fact("Client ID", copyable("client ID", clientId)),
    fact(
      "Client secret",
      clientSecret === undefined
        ? el("span", { class: "soft" }, "none: a public client, which uses PKCE")
        : copyable("client secret", clientSecret),
    ),
    fact(
      redirectUris.length === 1 ? "Redirect URI" : "Redirect URIs",
      ...redirectUris.map((uri) => copyable("redirect URI", uri)),
      ...(loopbackPaths.length === 0
        ? []
        : [
            el(
              "span",
              { class: "soft small" },
              `and ${loopbackPaths.join(", ")} on any port of this machine`,
            ),
          ]),
    ),
  )

type Redraw = (group: string, index: number) => void

const configuration = (client: Client, redraw: Redraw): HTMLElement => {
  const text = formats[shownFormat]?.[1](client) ?? ""
  const code = el("code", {}, breakable(text))
  const choices = formats.map(([name], index) =>
    choice(name, index === shownFormat, () => {
      shownFormat = index
      redraw(".formats button", index)
    }),
  )
  return el(
    "div",
    { class: "stack" },
    el(
      "div",
      { class: "copyable" },
      el(
        "div",
        { class: "choices formats", role: "group", "aria-label": "Format of the configuration" },
        choices,
      ),
      copyButton("the configuration", () => text, code),
    ),
    el("pre", {}, code),
  )
}

const clientChoices = (clients: Feed["clients"], redraw: Redraw): HTMLElement =>
  el(
    "div",
    { class: "choices clients", role: "group", "aria-label": "Client" },
    clients.map(({ name }, index) =>
      choice(name, index === shownClient, () => {
        shownClient = index
        redraw(".clients button", index)
      }),
    ),
  )

const behaviourTable = (behaviour: Feed["behaviour"]): HTMLElement =>
  el(
    "table",
    {},
    el(
      "tbody",
      {},
      behaviour.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))),
    ),
  )

export const drawConnect = ({ clients, behaviour }: Feed): void => {
  const place = byId("connect")
  const redraw: Redraw = (group, index) => {
    draw()
    place.querySelectorAll<HTMLElement>(group)[index]?.focus()
  }
  const draw = (): void => {
    shownClient = Math.min(shownClient, clients.length - 1)
    const client = clients[shownClient]
    if (client === undefined) return
    const open = place.querySelector("details")?.open === true
    place.replaceChildren(
      ...(clients.length === 1 ? [] : [clientChoices(clients, redraw)]),
      clientFacts(client),
      configuration(client, redraw),
      el(
        "details",
        { class: "more", open },
        el("summary", {}, "Endpoints and behaviour"),
        el(
          "dl",
          { class: "facts" },
          Object.entries(endpoints).map(([name, url]) => fact(name, copyable(name, url))),
        ),
        behaviourTable(behaviour),
      ),
    )
  }
  draw()
}
