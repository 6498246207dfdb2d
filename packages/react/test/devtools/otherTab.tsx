/** A page of its own with the panel open, as another tab is. */
import { createRoot } from "react-dom/client"
import { TokenDevtools } from "../../src/devtools/index.js"
import { TokenProvider } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <TokenProvider client={createTestTokenClient()}>
    <TokenDevtools initiallyOpen />
  </TokenProvider>,
)
