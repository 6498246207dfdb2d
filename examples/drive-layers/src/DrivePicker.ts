/** A small folder picker with the options of the provider's, which is on GitHub only and has one API built in. */
import { EllipsisApi, type Path } from "ellipsis-js-util"
import type { PickerOptions } from "./openPicker.js"

const roots = { myDrive: "My Drive", sharedWithMe: "Shared with me", favorites: "Favorites" }

export class DrivePicker {
  /** As in the provider's picker, `token` is read at each request. */
  readonly settings: PickerOptions & { token?: string | null }
  readonly #content = document.createElement("div")

  constructor(options: PickerOptions) {
    this.settings = { showRaster: true, showVector: true, searchIncludeFolders: true, ...options }
    options.div.classList.add("drive-picker")
    if (options.token === undefined) options.div.append(this.#prompt())
    else options.div.append(this.#searchField(), this.#content)
    this.#showRoots()
  }

  #prompt(): HTMLElement {
    const text = element("p", { textContent: "Log in to browse your drive." })
    const button = element("button", { type: "button", textContent: "Log in" })
    button.addEventListener("click", () => this.settings.onLogInClick?.())
    return element("div", { className: "drive-prompt" }, text, button)
  }

  #searchField(): HTMLElement {
    const field = element("input", { type: "search", placeholder: "Search the drive" })
    field.setAttribute("aria-label", "Search the drive")
    field.addEventListener("input", () => {
      const name = field.value.trim()
      if (name === "") this.#showRoots()
      else void this.#fill(this.#content, () => this.#search(name))
    })
    return field
  }

  #showRoots(): void {
    const items = Object.entries(roots).map(([id, name]) => this.#folder(name, `/account/root/${id}`))
    this.#content.replaceChildren(element("ul", {}, ...items))
  }

  async #list(route: string, query: Readonly<Record<string, unknown>> = {}): Promise<readonly Path[]> {
    const { token } = this.settings
    return (await EllipsisApi.get(route, query, token ? { token } : undefined)).result
  }

  async #search(name: string): Promise<readonly Path[]> {
    const found = await this.#list("/path", { name })
    return this.settings.searchIncludeFolders ? found : found.filter(({ type }) => type !== "folder")
  }

  /** What is shown at last is what was asked for last. */
  async #fill(into: HTMLElement, load: () => Promise<readonly Path[]>): Promise<void> {
    const note = element("p", { className: "note", textContent: "Loading…" })
    note.setAttribute("role", "status")
    into.replaceChildren(note)
    try {
      const paths = await load()
      if (!note.isConnected) return
      const items = paths.filter((path) => this.#isShown(path)).map((path) => this.#item(path))
      if (items.length > 0) into.replaceChildren(element("ul", {}, ...items))
      else note.textContent = "Nothing here."
    } catch {
      if (!note.isConnected) return
      const retry = element("button", { type: "button", textContent: "Try again" })
      retry.addEventListener("click", () => void this.#fill(into, load))
      note.textContent = "Your drive could not be loaded. "
      note.append(retry)
    }
  }

  #isShown({ type }: Path): boolean {
    const { showRaster, showVector } = this.settings
    return type === "folder" || (type === "raster" ? showRaster === true : showVector === true)
  }

  #item(path: Path): HTMLElement {
    if (path.type === "folder") return this.#folder(path.name, `/path/${path.id}/list`)
    const kind = element("span", { className: "value", textContent: path.type })
    const button = element("button", { type: "button" }, `${path.name} `, kind)
    button.addEventListener("click", () => this.settings.cb?.(path))
    return element("li", {}, button)
  }

  #folder(name: string, route: string): HTMLElement {
    const button = element("button", { type: "button", className: "folder", textContent: name })
    const contents = element("div", { className: "contents", hidden: true })
    button.setAttribute("aria-expanded", "false")
    button.addEventListener("click", () => {
      contents.hidden = !contents.hidden
      button.setAttribute("aria-expanded", String(!contents.hidden))
      if (!contents.hidden) void this.#fill(contents, () => this.#list(route))
    })
    return element("li", {}, button, contents)
  }
}

const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}
