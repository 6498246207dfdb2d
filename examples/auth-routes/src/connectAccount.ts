/** For an app with users and logins of its own, who connect their Ellipsis Drive account once. */
import { isTokenError, type TokenClient } from "@ellipsis-oauth/node"
import express, { type Request, type Router } from "express"
import { notSignedIn, problemOf } from "./problemOf.js"

/** The app's own session of a browser, of whatever kind: it is kept on the server. */
export interface OwnSession {
  readonly userId: string
  /** The login that is under way. */
  transaction?: string | undefined
  /** What the settings page shows next. */
  notice?: string | undefined
}

/** The redirect URI `https://your.app/drive/callback` is registered: `app.use("/drive", connectAccount(…))`. */
export const connectAccount = (
  client: TokenClient,
  sessionOf: (request: Request) => OwnSession | undefined,
): Router => {
  const router = express.Router()

  /** Where a link "Connect Ellipsis Drive" leads. */
  router.get("/connect", async (request, response) => {
    const own = sessionOf(request)
    if (own === undefined) return response.redirect(303, "/login")
    const { url, transaction } = await client.createAuthorizationRequest()
    own.transaction = transaction
    response.redirect(303, url)
  })

  router.get("/callback", async (request, response) => {
    const own = sessionOf(request)
    if (own === undefined) return response.redirect(303, "/login")
    const { transaction = "" } = own
    own.transaction = undefined // each login ends once
    try {
      // Checks the state, exchanges the code, and stores the token under the user's own id.
      await client.session(own.userId).completeAuthorization(request.originalUrl, transaction)
      own.notice = "Ellipsis Drive is connected."
    } catch (error) {
      if (!isTokenError(error)) throw error
      own.notice = error.userMessage
      if (error.action === "fix") console.error(error)
    }
    response.redirect(303, "/settings")
  })

  /** Calls the API for the user, in any request, and in any background job that knows the user's id. */
  router.get("/account", async (request, response) => {
    const own = sessionOf(request)
    if (own === undefined) return response.status(notSignedIn.status).json(notSignedIn.body)
    try {
      return response.json(await client.session(own.userId).ky().get("account").json())
    } catch (error) {
      const { status, headers, body } = problemOf(error) // 401: the page offers "Connect" again
      return response.status(status).set(headers).json(body)
    }
  })

  /** Forgets the token. The provider has no endpoint that ends it there. */
  router.post("/disconnect", async (request, response) => {
    const own = sessionOf(request)
    if (own !== undefined) await client.session(own.userId).signOut()
    response.redirect(303, "/settings")
  })

  return router
}
