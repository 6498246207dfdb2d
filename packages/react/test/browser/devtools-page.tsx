/** The page of the scenarios, with the panel for developers. */
import { createRoot } from "react-dom/client"
import { TokenDevtools } from "../../src/devtools/index.js"
import { TokenProvider } from "../../src/index.js"
import { client } from "./page.js"

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <TokenProvider client={client}>
    <TokenDevtools initiallyOpen />
  </TokenProvider>,
)
