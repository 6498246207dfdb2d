import { expect, it } from "vitest"
import { exchange, login, post, redirectUri, refresh, stillServer } from "../tokens.js"

it("shows the log, with one placeholder for each secret", async () => {
  await using server = stillServer({ rotation: "always" })
  const { code } = server.authorize({ clientId: "demo-app", redirectUri, state: "the-state" })
  const tokens = (await exchange(server, code, { redirect_uri: redirectUri })).body
  server.clock.advance("1 hour")
  server.faults.next("token", { reply: { status: 503, body: {} } })
  await refresh(server, tokens.refresh_token ?? "")
  await refresh(server, tokens.refresh_token ?? "")
  await exchange(server, code)
  expect(server.transcript()).toBe(
    `#1 2026-01-01T00:00:00.000Z direct authorize -> 302
   response_type=code client_id=demo-app redirect_uri=http://localhost:3000/callback state=<state 1>
   granted: The test approved as demo; a code was issued.
#2 2026-01-01T00:00:00.000Z POST token -> 200
   grant_type=authorization_code authorization_code=<authorization_code 1> client_id=demo-app client_secret=<client_secret 1> redirect_uri=http://localhost:3000/callback
   client authentication: body
   granted: The code was exchanged for tokens.
#3 2026-01-01T01:00:00.000Z POST token -> 503
   grant_type=refresh_token refresh_token=<refresh_token 1> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   skipped: A fault replaced the response; the provider did not process the request.
   fault: the response was replaced by status 503, before the provider processed the request
#4 2026-01-01T01:00:00.000Z POST token -> 200
   grant_type=refresh_token refresh_token=<refresh_token 1> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   granted: The refresh token was used and rotated: number 2 of its family replaces number 1.
#5 2026-01-01T01:00:00.000Z POST token -> 400 invalid_grant
   grant_type=authorization_code authorization_code=<authorization_code 1> client_id=demo-app client_secret=<client_secret 1>
   client authentication: body
   refused: The code was used before: 1 hour ago, by request 2. The tokens that were issued for it are now revoked (RFC 6749 section 4.1.2).
`,
  )
})

it("contains no secret, wherever the client sent it", async () => {
  await using server = stillServer()
  const { accessToken, refreshToken } = await login(server)
  const canary = "canary value\nwith: lines"
  for (const name of ["client_secret", "refresh_token", "code", "code_verifier", "unknown", canary]) {
    await post(server, { grant_type: "refresh_token", ...{ client_id: "demo-app" }, [name]: canary })
    await server.fetch(
      `${server.url}/oauth/authorize?${new URLSearchParams({ client_id: "demo-app", [name]: canary })}`,
    )
    await server.fetch(`${server.url}/oauth/token?${new URLSearchParams({ [name]: canary })}`, {
      method: "POST",
    })
    await server.fetch(`${server.url}/${encodeURIComponent(canary)}`)
  }
  await post(server, {}, { authorization: `Basic ${Buffer.from(`demo-app:${canary}`).toString("base64")}` })
  const text = server.transcript()
  for (const secret of ["canary", "demo-secret", accessToken, refreshToken])
    expect(text).not.toContain(secret)
  expect(text.split("\n").every((line) => line === "" || /^(#\d+ | {3})/.test(line))).toBe(true)
})
