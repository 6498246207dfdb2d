/** Creates elements. Text always becomes a text node, never markup. */

type Child = Node | string | undefined

export type Children = Child | readonly Children[]

interface Attributes {
  readonly onclick?: () => void
  readonly [name: string]: string | boolean | undefined | (() => void)
}

export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no element "${id}".`)
  return element
}

const flatten = (children: Children): ReadonlyArray<Node | string> => {
  if (children === undefined || children === "") return []
  if (typeof children === "string" || children instanceof Node) return [children]
  return children.flatMap(flatten)
}

export const el = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Children[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener("click", value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...flatten(children))
  return element
}

/** Changes the page only if the text changed, so that selections and screen readers are not disturbed. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

let hideAnnouncement: ReturnType<typeof setTimeout> | undefined

/** Shows a message for 4 seconds, which screen readers read aloud. */
export const announce = (text: string): void => {
  setText(byId("announce"), text)
  clearTimeout(hideAnnouncement)
  hideAnnouncement = setTimeout(() => setText(byId("announce"), ""), 4_000)
}

const copyText = async (text: string, source: Node | undefined, button: HTMLElement): Promise<void> => {
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    announce("Copied")
    button.textContent = "Copied"
  } catch {
    // Without HTTPS, a browser allows access to the clipboard only on localhost.
    if (source !== undefined) getSelection()?.selectAllChildren(source)
    announce(
      source === undefined
        ? "This browser does not allow copying on this page"
        : "Selected. Copy it with the keyboard.",
    )
    button.textContent = source === undefined ? "Not allowed" : "Selected"
  }
  setTimeout(() => {
    button.textContent = label
  }, 1500)
}

/** If the browser does not allow copying, `source` is selected instead. */
export const copyButton = (what: string, text: () => string, source?: Node, label = "Copy"): HTMLElement => {
  const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, label)
  button.addEventListener("click", () => void copyText(text(), source, button))
  return button
}

/** Lets a URL wrap after its slashes, not within a word. */
export const breakable = (text: string): Children =>
  text
    .split(/(?<==|[^/]\/)(?!\/)/)
    .flatMap((part, index): Children => (index === 0 ? [part] : [el("wbr"), part]))

export const copyable = (what: string, text: string): HTMLElement => {
  const code = el("code", {}, breakable(text))
  return el(
    "div",
    { class: "copyable" },
    code,
    copyButton(what, () => text, code),
  )
}

export const choice = (label: string, pressed: boolean, onclick: () => void): HTMLElement =>
  el("button", { type: "button", "aria-pressed": String(pressed), onclick }, label)

export const clockTime = (time: number): string => new Date(time).toLocaleTimeString([], { hourCycle: "h23" })

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const

export const inWords = (milliseconds: number): string => {
  let rest = Math.round(milliseconds / 1_000)
  const words: string[] = []
  for (const [name, seconds] of units) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) words.push(`${count} ${name}`)
  }
  return words.slice(0, 2).join(" ") || "0 s"
}

export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`
