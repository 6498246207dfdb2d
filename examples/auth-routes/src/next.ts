/** The route handler app/auth/[route]/route.ts. */
import { auth } from "./auth.js"

export const GET = auth
export const POST = auth
