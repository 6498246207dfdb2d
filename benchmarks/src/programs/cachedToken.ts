/** `cachedToken ORIGIN ROUNDS COUNT`: a valid token is in hand, and the app asks for it. Run with --expose-gc. */
import { credentials } from "../behaviour/Login.ts"
import { costOf, interleave, spreadOf, timed } from "../harness/statistics.ts"
import { peers } from "../peers/index.ts"

const [, , origin = "", rounds = "5", count = "1000"] = process.argv
const collect = globalThis.gc
if (collect === undefined) throw new Error("run with node --expose-gc")

interface Operation {
  readonly name: string
  readonly run: () => Promise<unknown>
}

const token = "a".repeat(40)
const operations: Operation[] = [{ name: "an async function", run: async () => token }]
for (const { keepsTokens, name, open } of peers) {
  if (!keepsTokens) continue
  const client = await open({ ...credentials, origin })
  const state = new URL(await client.authorizationUrl()).searchParams.get("state") ?? ""
  await client.complete(`${credentials.redirectUri}?code=some-code&state=${state}`)
  operations.push({ name, run: () => client.getAccessToken() })
}

const repeat = async (times: number, run: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < times; i++) await run()
}

const measure = ({ run }: Operation) => timed(Number(count), () => repeat(Number(count), run))

/** Few enough that nothing is collected meanwhile. */
const few = 500

const measureBytes = async ({ run }: Operation): Promise<number> => {
  collect()
  const before = process.memoryUsage().heapUsed
  await repeat(few, run)
  return (process.memoryUsage().heapUsed - before) / few
}

await interleave(3, operations, measure)
const costs = await interleave(Number(rounds), operations, measure)
const bytes = await interleave(Number(rounds), operations, measureBytes)
for (const operation of operations) {
  console.log(
    JSON.stringify({
      name: operation.name,
      ...costOf(costs.get(operation) ?? []),
      bytes: spreadOf(bytes.get(operation) ?? []),
    }),
  )
}
process.exit()
