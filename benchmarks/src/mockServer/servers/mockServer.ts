/** `@ellipsis-oauth/mock-server`. With the argument `always` its refresh tokens rotate. */
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { announce } from "./running.ts"

const server = createMockServer({ rotation: process.argv[2] === "always" ? "always" : "off" })
await server.listen()

const login = (): string => {
  const { code } = server.authorize({ clientId: "demo-app" })
  return `grant_type=authorization_code&authorization_code=${code}&client_id=demo-app&client_secret=demo-secret`
}
announce({ url: `${server.url}/oauth/token`, logins: Array.from({ length: 100 }, login) })
