/** The route handler app/api/account/route.ts. */
import { auth } from "./auth.js"
import { notSignedIn, problemOf } from "./problemOf.js"

export const GET = async (request: Request): Promise<Response> => {
  try {
    const session = await auth.session(request)
    if (session === undefined) return Response.json(notSignedIn.body, notSignedIn)
    return Response.json(await session.ky().get("account").json())
  } catch (error) {
    const { body, ...init } = problemOf(error)
    return Response.json(body, init)
  }
}
