/** The route module app/routes/auth.ts of React Router, in app/routes.ts: route("auth/*", "routes/auth.ts"). */
import type { ActionFunctionArgs, LoaderFunctionArgs } from "react-router"
import { auth } from "./auth.js"

export const loader = ({ request }: LoaderFunctionArgs) => auth(request)
export const action = ({ request }: ActionFunctionArgs) => auth(request)
