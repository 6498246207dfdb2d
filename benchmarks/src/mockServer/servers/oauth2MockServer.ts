/** The released `oauth2-mock-server`. It takes any refresh token, so it needs no login. */
import { OAuth2Server } from "oauth2-mock-server"
import { announce } from "./running.ts"

const server = new OAuth2Server()
await server.issuer.keys.generate("RS256")
await server.start(0, "127.0.0.1")
const refresh = "grant_type=refresh_token&refresh_token=any&client_id=demo-app&client_secret=demo-secret"
announce({ url: `http://127.0.0.1:${server.address().port}/token`, logins: [refresh], refresh })
