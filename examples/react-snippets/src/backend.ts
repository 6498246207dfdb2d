import { createBackendTokenClient } from "@ellipsis-oauth/react"

/** Over `createAuthRoutes` of @ellipsis-oauth/node, which the app's own backend has at /auth. */
export const client = createBackendTokenClient({ basePath: "/auth" })
