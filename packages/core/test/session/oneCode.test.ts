// Which logins and code exchanges are one and which are two, while they are under way.
import { describe, expect } from "vitest"
import { type Scene, scene } from "../oneTimeTokens.js"

const slowly = (at: Scene) => {
  at.onRequest = () => at.sleep(100)
}

describe("exchanges of one code", () => {
  const exchange = { code: "c", codeVerifier: "v".repeat(43) }

  scene("with one verifier join", async (at) => {
    slowly(at)
    const client = at.client()
    const both = [client.exchangeAuthorizationCode(exchange), client.exchangeAuthorizationCode(exchange)]
    const tokens = await at.until(Promise.all(both))
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(["A2", "A2"])
    expect(at.presented).toEqual(["code c"])
  })

  scene("with two verifiers are two", async (at) => {
    slowly(at)
    const client = at.client()
    const another = { ...exchange, codeVerifier: "w".repeat(43) }
    const both = [client.exchangeAuthorizationCode(exchange), client.exchangeAuthorizationCode(another)]
    const tokens = await at.until(Promise.all(both))
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(["A2", "A3"])
    expect(at.presented).toEqual(["code c", "code c"])
  })
})

scene("logins whose keys and codes read alike one after the other are two", async (at) => {
  slowly(at)
  const client = at.client()
  const { url, transaction } = await client.createAuthorizationRequest()
  const state = new URL(url).searchParams.get("state")
  const login = (key: string, code: string) =>
    client
      .session(key)
      .completeAuthorization(`/callback?${new URLSearchParams({ code, state: state ?? "" })}`, transaction)
  const tokens = await at.until(Promise.all([login("a", "b c"), login("a b", "c")]))
  expect(tokens.map(({ accessToken }) => accessToken)).toEqual(["A2", "A3"])
  expect(at.presented).toEqual(["code b c", "code c"])
  expect(await client.session("a b").getAccessToken()).toBe("A3")
})

scene("a login replaces one by a machine whose clock is an hour ahead", async (at) => {
  await at.client().session().importToken({ refreshToken: "R1" })
  const record = await at.record()
  const value = JSON.parse(record?.value ?? "")
  const sequence = value.sequence + 3_600_000
  await at.memory.write(at.key(), { value: JSON.stringify({ ...value, sequence }), version: "ahead" })
  const other = at.client().session()
  await at.until(other.restore())

  const client = at.client()
  const { url, transaction } = await at.until(client.createAuthorizationRequest())
  const state = new URL(url).searchParams.get("state")
  await at.until(
    client.session().completeAuthorization(`https://app.example/callback?code=c&state=${state}`, transaction),
  )
  expect(await at.until(other.getAccessToken({ force: true }))).toBe("A2")
  expect(await at.stored()).toBe("R2")
})
