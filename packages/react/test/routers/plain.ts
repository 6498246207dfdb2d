/** Apps without a library for routes: the History API alone, and a router that changes the methods of `history`. */
import { isSignedIn } from "../../src/index.js"
import { makeClient, root } from "./site.js"

const main = root()
const client = makeClient()

const goTo = (path: string) => {
  history.pushState(null, "", path)
  // The changed method has told it already.
  if (window.variant === "the History API") show()
}

const show = () => {
  if (["/", "/callback"].includes(location.pathname)) {
    history.replaceState({ from: location.pathname }, "", "/home")
    if (window.variant !== "the History API") return
  }
  const [, , id] = location.pathname.split("/")
  const title = document.createElement("h1")
  title.textContent = id === undefined ? "Home" : `Map ${id}`
  const link = document.createElement("a")
  Object.assign(link, { href: "/home", textContent: "home" })
  link.onclick = (event) => {
    event.preventDefault()
    goTo("/home")
  }
  main.replaceChildren(title, status, link)
}

const status = document.createElement("p")
const showStatus = () => {
  const state = client.getSnapshot()
  const button = document.createElement("button")
  button.textContent = "Sign in"
  button.onclick = () => client.login()
  status.replaceChildren(
    isSignedIn(state) ? "signed in" : state.status === "signedOut" ? button : "one moment",
  )
}

if (window.variant !== "the History API") {
  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method].bind(history)
    history[method] = (...parameters) => {
      original(...parameters)
      show()
    }
  }
}

addEventListener("popstate", show)
client.subscribe(showStatus)
show()
showStatus()
client.mount()
