import { renderToPipeableStream } from "react-dom/server"
import { expect, it } from "vitest"
import { pages } from "./pages.js"

it("marks what useTokenSuspense leaves to the browser as Next.js knows it, so that it reports no error", async () => {
  const digests: unknown[] = []
  renderToPipeableStream(pages.ungated(), {
    onError: (error) => {
      digests.push(error instanceof Error && "digest" in error ? error.digest : error)
    },
  })
  await expect.poll(() => digests).toEqual(["BAILOUT_TO_CLIENT_SIDE_RENDERING"])
})
