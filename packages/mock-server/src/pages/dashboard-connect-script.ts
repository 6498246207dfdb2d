/** The part of the page that says what to put into an app's configuration. */
export const connectScript = String.raw`
let shownClient = 0
let shownFormat = 0

const base = location.origin + "/v3"

const endpoints = { "Base URL": base, "Authorization endpoint": base + "/oauth/authorize", "Token endpoint": base + "/oauth/token" }

const formats = {
  ".env": (client) => [
    "OAUTH_BASE_URL=" + base,
    "OAUTH_CLIENT_ID=" + client.clientId,
    ...(client.clientSecret === undefined ? [] : ["OAUTH_CLIENT_SECRET=" + client.clientSecret]),
    "OAUTH_REDIRECT_URI=" + client.redirectUris[0],
  ].join("\n"),
  TypeScript: (client) => [
    "createTokenClient({",
    "  server: ellipsisDrive({ baseUrl: " + JSON.stringify(base) + " }),",
    "  clientId: " + JSON.stringify(client.clientId) + ",",
    ...(client.clientSecret === undefined ? [] : ["  clientSecret: " + JSON.stringify(client.clientSecret) + ","]),
    "  redirectUri: " + JSON.stringify(client.redirectUris[0]) + ",",
    "})",
  ].join("\n"),
  JSON: (client) => JSON.stringify({ baseUrl: base, clientId: client.clientId, clientSecret: client.clientSecret, redirectUri: client.redirectUris[0] }, null, 2),
}

const fact = (name, ...values) => el("div", {}, el("dt", {}, name), values.map((value) => el("dd", {}, value)))

const clientFacts = (client) =>
  el("dl", { class: "facts" },
    Object.entries(endpoints).map(([name, url]) => fact(name, copyable(name, url))),
    fact("Client ID", copyable("client ID", client.clientId)),
    client.clientSecret === undefined
      ? fact("Client secret", el("span", { class: "soft" }, "none: a public client, which uses PKCE"))
      : fact("Client secret", copyable("client secret", client.clientSecret)),
    fact(client.redirectUris.length === 1 ? "Redirect URI" : "Redirect URIs", ...client.redirectUris.map((uri) => copyable("redirect URI", uri))))

const configuration = (client, redraw) => {
  const name = Object.keys(formats)[shownFormat]
  const text = formats[name](client)
  const code = el("code", {}, breakable(text))
  return el("div", { class: "stack" },
    el("div", { class: "copyable" },
      el("div", { class: "choices", role: "group", "aria-label": "Format of the configuration" },
        Object.keys(formats).map((format, index) => choice(format, index === shownFormat, () => { shownFormat = index; redraw(".formats button", index) }))),
      copyButton("the configuration", () => text, code)),
    el("pre", {}, code))
}

const drawConnect = ({ clients, behaviour }) => {
  const place = byId("connect")
  const redraw = (group, index) => {
    draw()
    place.querySelectorAll(group)[index]?.focus()
  }
  const draw = () => {
    shownClient = Math.min(shownClient, clients.length - 1)
    const client = clients[shownClient]
    const open = place.querySelector("details")?.open
    const formatted = configuration(client, redraw)
    formatted.querySelector(".choices").classList.add("formats")
    place.replaceChildren(
      ...(clients.length === 1 ? [] : [el("div", { class: "choices clients", role: "group", "aria-label": "Client" },
        clients.map(({ name }, index) => choice(name, index === shownClient, () => { shownClient = index; redraw(".clients button", index) })))]),
      clientFacts(client),
      formatted,
      el("details", { class: "more", open: open === true }, el("summary", {}, "How this server behaves"),
        el("table", {}, el("tbody", {}, behaviour.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))))))
  }
  draw()
}
`
