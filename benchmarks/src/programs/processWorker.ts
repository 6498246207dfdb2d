/** One of several processes that ask for the tokens of the same users; told when to begin. Bundled before it is run. */
import { readFileSync } from "node:fs"
import { createTokenClient, rfc6749 } from "@ellipsis-oauth/node"
import { OAuth2Client } from "google-auth-library"
import { type Location, openStore } from "../../../packages/node/test/processes/location.ts"
import { credentials } from "../behaviour/Login.ts"

export interface ProcessSetup {
  readonly origin: string
  readonly users: readonly string[]
  /** This project, on a store. */
  readonly location?: Location
  /** google-auth-library, with the refresh tokens of a file. */
  readonly file?: string
}

export interface ProcessResult {
  readonly tokens: number
  readonly errors: number
  /** Milliseconds. */
  readonly processorTime: number
}

type Ask = (user: string) => Promise<unknown>

const open = async ({ file, location, origin }: ProcessSetup): Promise<Ask> => {
  if (location !== undefined) {
    const { store } = await openStore(location)
    const client = createTokenClient({
      server: rfc6749({ authorizationEndpoint: `${origin}/authorize`, tokenEndpoint: `${origin}/token` }),
      ...credentials,
      store,
    })
    return (user) => client.session(user).getAccessToken()
  }
  const refreshTokens: Readonly<Record<string, string>> = JSON.parse(readFileSync(file ?? "", "utf8"))
  return (user) => {
    const client = new OAuth2Client({ ...credentials, endpoints: { oauth2TokenUrl: `${origin}/token` } })
    client.setCredentials({ refresh_token: refreshTokens[user] ?? "" })
    return client.getAccessToken()
  }
}

const run = async (setup: ProcessSetup): Promise<void> => {
  const ask = await open(setup)
  process.once("message", async () => {
    const cpu = process.cpuUsage()
    const outcomes = await Promise.allSettled(setup.users.map(ask))
    const tokens = outcomes.filter(({ status }) => status === "fulfilled").length
    const { system, user } = process.cpuUsage(cpu)
    const errors = outcomes.length - tokens
    process.send?.({ tokens, errors, processorTime: (user + system) / 1000 } satisfies ProcessResult)
  })
  process.on("disconnect", () => process.exit())
  process.send?.("ready")
}

void run(JSON.parse(process.argv[2] ?? ""))
