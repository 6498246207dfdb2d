/** Runs the doctor against a server, with a browser that follows every redirect. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { buildCommand } from "./buildCommand.js"

export interface Patient {
  readonly url: string
  readonly clientId: string
  readonly clientSecret?: string
  /** More flags, such as `--port`. */
  readonly flags?: readonly string[]
}

/** Follows every redirect with its cookies, as a browser does. */
const browse = async (start: string): Promise<void> => {
  const jars = new Map<string, Map<string, string>>()
  for (let next: string | undefined = start; next !== undefined; ) {
    const url: URL = new URL(next)
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ")
    const response = await fetch(url, { redirect: "manual", headers: cookie === "" ? {} : { cookie } })
    await response.text()
    for (const text of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get("location")
    next = location === null ? undefined : new URL(location, url).href
  }
}

export const examineServer = async (
  command: Awaited<ReturnType<typeof buildCommand>>,
  { url, clientId, clientSecret, flags = [] }: Patient,
) => {
  const user = command.user(clientSecret === undefined ? {} : { ELLIPSIS_OAUTH_CLIENT_SECRET: clientSecret })
  mkdirSync(join(user.home, "found"))
  const port = flags.includes("--port") ? [] : ["--port", "0"]
  const { said, ended } = user.start([
    "doctor",
    "--no-browser",
    "--base-url",
    url,
    "--client-id",
    clientId,
    "--output",
    "found",
    ...port,
    ...flags,
  ])
  const [, page = ""] = await said(/^ {2}(http\S+)$/m)
  await browse(page)
  const { code, stdout, stderr } = await ended
  const written = (name: string) => readFileSync(join(user.home, "found", name), "utf8")
  const { observedAt: _, ...habits } = JSON.parse(written("ellipsis-oauth-habits.json"))
  return { user, code, stdout, stderr, transcript: written("ellipsis-oauth-transcript.txt"), habits }
}
