/** GET /auth/login, GET /auth/callback, POST /auth/token and POST /auth/logout */
import { auth } from "../../auth"

export const GET = auth
export const POST = auth
