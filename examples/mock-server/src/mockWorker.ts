import { createMockServer } from "@ellipsis-oauth/mock-server"
import { mswHandlers } from "@ellipsis-oauth/mock-server/msw"
import { setupWorker } from "msw/browser"

export const mockServer = createMockServer({
  clients: [{ clientId: "my-spa", redirectUris: [location.origin] }],
})

/**
 * Before the app renders, in development: every call below https://api.ellipsis-drive.com/v3 stays in the browser.
 * A login needs a page of the server's, which a worker cannot show: take a code from `mockServer.authorize`.
 */
export const startMocking = () => setupWorker(...mswHandlers(mockServer)).start()
