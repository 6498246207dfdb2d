/** Renders one page to HTML, and tells as JSON what came of it. */
import { inspect } from "node:util"
import { renderToString } from "react-dom/server"
import { type PageName, pages } from "./pages.js"

const complaints: string[] = []
const complain = (...args: readonly unknown[]) => {
  complaints.push(args.map((arg) => (typeof arg === "string" ? arg : inspect(arg))).join(" "))
}
console.error = complain
console.warn = complain

const render = () => {
  try {
    return renderToString(pages[process.argv[2] as PageName]())
  } catch (error) {
    complain(String(error))
    return ""
  }
}

console.log(JSON.stringify({ html: render(), complaints }))
