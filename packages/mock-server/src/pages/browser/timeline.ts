/** The part of the dashboard that shows requests, newest first, and the findings. */
import type { Feed } from "../DashboardFeed.js"
import { base } from "./connect.js"
import { curlOf } from "./curl.js"
import { byId, type Children, choice, clockTime, copyButton, el, plural, setText } from "./elements.js"

type Entry = Feed["entries"][number]
type Finding = Feed["findings"][number]

interface Row {
  readonly entry: Entry
  readonly element: HTMLElement
  readonly notes: HTMLElement
  findings: readonly Finding[]
}

const filters: ReadonlyArray<readonly [string, (row: Row) => boolean]> = [
  ["All", () => true],
  ["Refused", ({ entry }) => entry.decision === "refused"],
  ["With errors", ({ findings }) => findings.some(({ severity }) => severity === "error")],
  ["With hints", ({ findings }) => findings.some(({ severity }) => severity === "hint")],
]

const mostRows = 250

const rows = new Map<number, Row>()
let shownFilter = 0
let shownFamily: string | undefined
let latest = 0
let clients: Feed["clients"] = []

export const familyName = (id: string): string => `family ${id.slice(0, 4)}`

const parameterTable = (title: string, parameters: Entry["parameters"]): Children =>
  parameters.length === 0
    ? undefined
    : el(
        "table",
        {},
        el("caption", { class: "soft" }, title),
        el(
          "tbody",
          {},
          parameters.map(({ name, value, secret }) =>
            el(
              "tr",
              {},
              el("th", { scope: "row", class: "mono" }, name),
              el(
                "td",
                { class: "mono" },
                secret === undefined ? value : el("span", { class: "soft" }, `••••• ${secret}`),
              ),
            ),
          ),
        ),
      )

const details = (entry: Entry): readonly Children[] => {
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
  const { familyId } = entry
  return [
    el(
      "table",
      {},
      el(
        "tbody",
        {},
        facts.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))),
      ),
    ),
    parameterTable("Parameters", entry.parameters),
    parameterTable("In the query (these parameters belong in the body)", entry.query),
    entry.method === "direct"
      ? undefined
      : el(
          "p",
          { class: "small" },
          copyButton("as curl", () => curlOf(base, entry, clients), undefined, "Copy as curl"),
        ),
    familyId === undefined
      ? undefined
      : el(
          "p",
          { class: "small" },
          el(
            "button",
            { type: "button", class: "link", onclick: () => showFamily(familyId) },
            `Show all of ${familyName(familyId)}`,
          ),
        ),
  ]
}

const titleOf = ({ endpoint, method, path, grantType }: Entry): string => {
  if (method === "direct") return "authorize(…)"
  if (endpoint === "other") return `${method} ${path}`
  return endpoint === "token" && grantType !== undefined ? `token · ${grantType}` : `${method} ${endpoint}`
}

const summaryOf = (entry: Entry, notes: HTMLElement): HTMLElement =>
  el(
    "summary",
    {},
    el("span", { class: "mark", "aria-hidden": "true" }),
    el(
      "div",
      {},
      el(
        "div",
        { class: "line" },
        el("span", { class: "what" }, titleOf(entry)),
        el(
          "span",
          { class: "chip" },
          entry.error === undefined ? entry.decision : `${entry.decision}: ${entry.error}`,
        ),
        entry.clientId === undefined ? undefined : el("span", { class: "soft small" }, entry.clientId),
        el(
          "span",
          { class: "end soft small mono" },
          el("span", {}, entry.status === 0 ? "no response" : String(entry.status)),
          el("time", { datetime: new Date(entry.time).toISOString() }, clockTime(entry.time)),
          el("span", {}, `#${entry.number}`),
        ),
      ),
      el("p", { class: "reason" }, entry.reason),
      entry.fault === undefined
        ? undefined
        : el("p", { class: "note skipped" }, `Injected fault: ${entry.fault}.`),
      notes,
    ),
  )

const createRow = (entry: Entry): Row => {
  const notes = el("div")
  const inside = el("div", { class: "inside stack" })
  const disclosure = el("details", {}, summaryOf(entry, notes), inside)
  disclosure.addEventListener("toggle", () => {
    if (disclosure.open && inside.childElementCount === 0)
      inside.append(el("div", { class: "stack" }, details(entry)))
  })
  const element = el("li", { class: `entry ${entry.decision}`, id: `request-${entry.number}` }, disclosure)
  return { entry, notes, findings: [], element }
}

const drawEmpty = (): void => {
  const command = `curl ${base}/account`
  const code = el("code", {}, command)
  const nothing = el("p", {}, "No request matches the filter.")
  const firstSteps = [
    el("p", {}, "No requests yet. Each request appears here with its outcome and the reason. Try:"),
    el(
      "pre",
      {},
      el(
        "div",
        { class: "copyable" },
        code,
        copyButton("the command", () => command, code),
      ),
    ),
  ]
  byId("timeline-empty").replaceChildren(...(latest > 0 ? [nothing] : firstSteps))
}

const drawFilters = (): void => {
  const showAllFamilies = (index: number) => {
    shownFilter = index
    shownFamily = undefined
    refocus(index)
  }
  byId("filters").replaceChildren(
    ...filters.map(([label], index) =>
      choice(label, index === shownFilter && shownFamily === undefined, () => showAllFamilies(index)),
    ),
    ...(shownFamily === undefined
      ? []
      : [choice(`${familyName(shownFamily)} ×`, true, () => showAllFamilies(shownFilter))]),
  )
}

const refreshShown = (): void => {
  const accept = filters[shownFilter]?.[1] ?? (() => true)
  let visible = 0
  for (const row of rows.values()) {
    const show = accept(row) && (shownFamily === undefined || row.entry.familyId === shownFamily)
    row.element.hidden = !show
    if (show) visible += 1
  }
  const filtered = visible < rows.size
  const kept = latest > rows.size && !filtered ? `, newest ${rows.size} shown` : ""
  setText(
    byId("timeline-count"),
    latest === 0 ? "" : (filtered ? `${visible} of ${latest}` : String(latest)) + kept,
  )
  byId("timeline-empty").hidden = visible > 0
  if (visible === 0) drawEmpty()
  drawFilters()
}

const refocus = (index: number): void => {
  refreshShown()
  const button = byId("filters").children[index]
  if (button instanceof HTMLElement) button.focus()
}

export const showFamily = (id: string): void => {
  shownFilter = 0
  shownFamily = id
  refocus(filters.length)
}

const showRequest = (number: number): void => {
  const row = rows.get(number)
  if (row === undefined) return
  shownFilter = 0
  shownFamily = undefined
  refreshShown()
  const disclosure = row.element.querySelector("details")
  if (disclosure === null) return
  disclosure.open = true
  row.element.scrollIntoView({ block: "center" })
  disclosure.querySelector("summary")?.focus()
}

export const clearTimeline = (): void => {
  rows.clear()
  byId("timeline").replaceChildren()
}

const findingItem = ({ rule, severity, entry, message, section }: Finding): HTMLElement =>
  el(
    "li",
    { class: "finding" },
    el(
      "div",
      { class: "line" },
      el("span", { class: `chip ${severity}` }, severity),
      el("code", { class: "what" }, rule),
      rows.has(entry)
        ? el(
            "button",
            { type: "button", class: "link small", onclick: () => showRequest(entry) },
            `request #${entry}`,
          )
        : el("span", { class: "soft small" }, `request #${entry}`),
    ),
    el("p", {}, message, " ", el("span", { class: "soft small" }, section)),
  )

const drawFindings = (findings: readonly Finding[]): void => {
  const byEntry = Map.groupBy(findings, ({ entry }) => entry)
  for (const row of rows.values()) {
    row.findings = byEntry.get(row.entry.number) ?? []
    if (row.notes.childElementCount === row.findings.length) continue
    row.notes.replaceChildren(
      ...row.findings.map(({ message, section, severity }) =>
        el(
          "p",
          { class: `note ${severity}` },
          `${severity === "error" ? "Error" : "Hint"}: ${message} `,
          el("span", { class: "soft" }, section),
        ),
      ),
    )
  }
  const errors = findings.filter(({ severity }) => severity === "error").length
  const counts = [
    ...(errors === 0 ? [] : [plural(errors, "error")]),
    ...(errors === findings.length ? [] : [plural(findings.length - errors, "hint")]),
  ]
  setText(byId("findings-count"), counts.join(", "))
  byId("findings-empty").hidden = findings.length > 0
  const list = byId("findings")
  const wanted = JSON.stringify(findings)
  if (list.dataset["drawn"] === wanted) return
  list.dataset["drawn"] = wanted
  list.replaceChildren(...findings.toReversed().map(findingItem))
}

export const drawTimeline = (feed: Feed): void => {
  latest = feed.latest
  clients = feed.clients
  const list = byId("timeline")
  const fresh = rows.size > 0
  for (const entry of feed.entries) {
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
  drawFindings(feed.findings)
  refreshShown()
}
