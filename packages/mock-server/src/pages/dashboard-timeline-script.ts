/** The part of the page that shows requests, newest first, and what the client did wrong. */
export const timelineScript = `
const filters = [
  ["All", () => true],
  ["Refused", ({ entry }) => entry.decision === "refused"],
  ["With findings", (row) => row.findings.length > 0],
]
let shown = 0
let shownFamily
const rows = new Map()
const mostRows = 250

const familyName = (id) => "family " + id.slice(0, 4)

const parameterTable = (title, parameters) =>
  parameters.length === 0 ? undefined : el("table", {},
    el("caption", { class: "soft" }, title),
    el("tbody", {}, parameters.map(({ name, value, secret }) =>
      el("tr", {}, el("th", { scope: "row", class: "mono" }, name),
        el("td", { class: "mono" }, secret === undefined ? value : el("span", { class: "soft" }, "••••• " + secret))))))

const details = (entry) => {
  const facts = [
    ["Time", new Date(entry.time).toISOString()],
    ["Path", entry.path],
    ["Client authentication", entry.clientAuthentication],
    ["Error", entry.error],
    ["Field", entry.field],
    ["Expected", entry.expected],
    ["Got", entry.got],
    ["Retry-After", entry.retryAfter],
  ].filter(([, value]) => value !== undefined && value !== "")
  return [
    el("table", {}, el("tbody", {}, facts.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))))),
    parameterTable("Parameters", entry.parameters),
    parameterTable("In the query, where none of these belong", entry.query),
    entry.familyId === undefined ? undefined
      : el("p", { class: "small" }, el("button", { type: "button", class: "link", onclick: () => showFamily(entry.familyId) }, "Show all of " + familyName(entry.familyId))),
  ]
}

const what = ({ endpoint, method, path, grantType }) =>
  method === "direct" ? "authorize(…)"
    : endpoint === "other" ? method + " " + path
      : endpoint === "token" && grantType !== undefined ? "token · " + grantType : method + " " + endpoint

const createRow = (entry) => {
  const notes = el("div", {})
  const inside = el("div", { class: "inside stack" })
  const disclosure = el("details", {},
    el("summary", {},
      el("span", { class: "mark", "aria-hidden": "true" }),
      el("div", {},
        el("div", { class: "line" },
          el("span", { class: "what" }, what(entry)),
          el("span", { class: "chip" }, entry.decision + (entry.error === undefined ? "" : ": " + entry.error)),
          entry.clientId === undefined ? undefined : el("span", { class: "soft small" }, entry.clientId),
          el("span", { class: "end soft small mono" },
            el("span", {}, entry.status === 0 ? "no reply" : String(entry.status)),
            el("time", { datetime: new Date(entry.time).toISOString() }, clockTime(entry.time)),
            el("span", {}, "#" + entry.number))),
        el("p", { class: "reason" }, entry.reason),
        entry.fault === undefined ? undefined : el("p", { class: "note skipped" }, "Fault: " + entry.fault + "."),
        notes)),
    inside)
  disclosure.addEventListener("toggle", () => {
    if (disclosure.open && inside.childElementCount === 0) inside.append(...details(entry).filter((part) => part !== undefined))
  })
  return { entry, notes, findings: [], element: el("li", { class: "entry " + entry.decision, id: "request-" + entry.number }, disclosure) }
}

const refreshShown = () => {
  const [, accept] = filters[shown]
  let visible = 0
  for (const row of rows.values()) {
    const show = accept(row) && (shownFamily === undefined || row.entry.familyId === shownFamily)
    row.element.hidden = !show
    if (show) visible += 1
  }
  const { latest } = state
  const filtered = visible < rows.size
  const kept = latest > rows.size && !filtered ? ", the newest " + rows.size + " shown" : ""
  setText(byId("timeline-count"), latest === 0 ? "" : (filtered ? visible + " of " + latest : latest) + kept)
  byId("timeline-empty").hidden = visible > 0
  if (visible === 0) drawEmpty(latest)
  byId("filters").replaceChildren(
    ...filters.map(([label], index) => choice(label, index === shown && shownFamily === undefined, () => { shown = index; shownFamily = undefined; refocus(index) })),
    ...(shownFamily === undefined ? [] : [choice(familyName(shownFamily) + " ×", true, () => { shownFamily = undefined; refocus(shown) })]))
}

const refocus = (index) => {
  refreshShown()
  byId("filters").children[index]?.focus()
}

const drawEmpty = (latest) => {
  const command = "curl " + base + "/account"
  const code = el("code", {}, command)
  byId("timeline-empty").replaceChildren(
    ...(latest > 0 ? [el("p", {}, "No request is like that.")] : [
      el("p", {}, "No requests yet. Each one appears here as it comes, with the reason for what was decided. Try:"),
      el("pre", {}, el("div", { class: "copyable" }, code, copyButton("the command", () => command, code)))]))
}

const showFamily = (id) => {
  shown = 0
  shownFamily = id
  refocus(filters.length)
}

const showRequest = (number) => {
  const row = rows.get(number)
  if (row === undefined) return
  shown = 0
  shownFamily = undefined
  refreshShown()
  const disclosure = row.element.querySelector("details")
  disclosure.open = true
  row.element.scrollIntoView({ block: "center" })
  disclosure.querySelector("summary").focus()
}

const clearTimeline = () => {
  rows.clear()
  byId("timeline").replaceChildren()
}

const drawFindings = (findings) => {
  for (const row of rows.values()) row.findings = []
  for (const finding of findings) rows.get(finding.entry)?.findings.push(finding)
  for (const { notes, findings: found } of rows.values()) {
    if (notes.childElementCount === found.length) continue
    notes.replaceChildren(...found.map(({ message, section }) => el("p", { class: "note refused" }, message + " ", el("span", { class: "soft" }, section))))
  }
  setText(byId("findings-count"), findings.length === 0 ? "" : String(findings.length))
  byId("findings-empty").hidden = findings.length > 0
  const list = byId("findings")
  const wanted = findings.map((finding) => JSON.stringify(finding)).join()
  if (list.dataset.drawn === wanted) return
  list.dataset.drawn = wanted
  list.replaceChildren(...findings.toReversed().map(({ rule, entry, message, section }) =>
    el("li", { class: "finding" },
      el("div", { class: "line" }, el("code", { class: "what" }, rule),
        rows.has(entry) ? el("button", { type: "button", class: "link small", onclick: () => showRequest(entry) }, "request #" + entry) : el("span", { class: "soft small" }, "request #" + entry)),
      el("p", {}, message, " ", el("span", { class: "soft small" }, section)))))
}

const drawTimeline = ({ entries, findings }) => {
  const list = byId("timeline")
  const fresh = rows.size > 0
  for (const entry of entries) {
    const row = createRow(entry)
    if (fresh) row.element.classList.add("fresh")
    rows.set(entry.number, row)
    list.prepend(row.element)
  }
  for (const [number, { element }] of rows) {
    if (rows.size <= mostRows) break
    element.remove()
    rows.delete(number)
  }
  drawFindings(findings)
  refreshShown()
}
`
