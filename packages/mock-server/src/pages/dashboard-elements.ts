/** How the page's script makes elements: text is always a text node, whatever is in it. */
export const dashboardElements = `
const byId = (id) => document.getElementById(id)

const el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...children.flat(2).filter((child) => child !== undefined && child !== ""))
  return element
}

/** Touches the page only where something changed, so that a selection or a screen reader is not disturbed. */
const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

const announce = (text) => setText(byId("announce"), text)

const copyText = async (text, source, button) => {
  try {
    await navigator.clipboard.writeText(text)
    announce("Copied")
    button.textContent = "Copied"
  } catch {
    // Without HTTPS a browser gives the clipboard to localhost alone.
    getSelection().selectAllChildren(source)
    announce("Selected: copy it with the keyboard")
    button.textContent = "Selected"
  }
  setTimeout(() => { button.textContent = "Copy" }, 1500)
}

const copyButton = (what, text, source) =>
  el("button", { type: "button", class: "copy", "aria-label": "Copy " + what, onclick: (event) => copyText(text(), source, event.currentTarget) }, "Copy")

/** A URL breaks after its slashes rather than within a word. */
const breakable = (text) => text.split(/(?<==|[^/]\\/)(?!\\/)/).flatMap((part, index) => index === 0 ? [part] : [el("wbr"), part])

const copyable = (what, text) => {
  const code = el("code", {}, breakable(text))
  return el("div", { class: "copyable" }, code, copyButton(what, () => text, code))
}

const choice = (label, pressed, onclick) =>
  el("button", { type: "button", "aria-pressed": String(pressed), onclick }, label)

const clockTime = (time) => new Date(time).toLocaleTimeString([], { hourCycle: "h23" })

const inWords = (milliseconds) => {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]
  let rest = Math.round(milliseconds / 1000)
  const words = []
  for (const [name, seconds] of units) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) words.push(count + " " + name)
  }
  return words.slice(0, 2).join(" ") || "0 s"
}

const plural = (count, word, words = word + "s") => count + " " + (count === 1 ? word : words)
`
