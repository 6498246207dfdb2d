/** `doctor`: logs in once and reports how a server behaves where its documentation does not say. Stores no token. */
import { accessSync, constants, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  createTokenClient,
  ellipsisDrive,
  ellipsisDriveBaseUrl,
  rfc6749,
  type TokenClient,
} from "@ellipsis-oauth/node"
import { requirePerson } from "./browserLogin.js"
import { CommandError } from "./CommandError.js"
import { describeHabits, describeOptions } from "./describeHabits.js"
import { readDuration } from "./duration.js"
import { examine, type Way } from "./examine.js"
import { makeFolder } from "./makeFolder.js"
import { baseUrlOf } from "./profileClient.js"
import { planProfile } from "./profilePlan.js"
import { proxyFetch } from "./proxy.js"
import type { ServerHabits } from "./ServerHabits.js"
import { print, say, type Task } from "./Task.js"
import { type PageFetch, Transcript } from "./Transcript.js"

export const doctor = async (task: Task): Promise<void> => {
  const { line } = task
  const timeout = readDuration("--timeout", line.values.timeout ?? "5m")
  const { profile, clientSecret } = await planProfile(task)
  requirePerson(task)
  const folder = prepareFolder(line.values.output ?? ".")
  const fetch: PageFetch = proxyFetch(process.env) ?? ((url, init) => globalThis.fetch(url, init))
  const transcript = new Transcript(fetch)
  if (clientSecret !== undefined) {
    const { clientId } = profile
    transcript.hide([clientSecret, Buffer.from(`${clientId}:${clientSecret}`).toString("base64")])
  }
  const clients: TokenClient[] = []
  const open = ({ encoding, authentication, codeParameter }: Way): TokenClient => {
    const { clientId, baseUrl } = profile
    const drive = ellipsisDrive({ baseUrl, bodyEncoding: encoding })
    const { authorizationEndpoint, tokenEndpoint } = drive
    const client = createTokenClient({
      server:
        codeParameter === "code"
          ? rfc6749({ authorizationEndpoint, tokenEndpoint, bodyEncoding: encoding })
          : drive,
      clientId,
      ...(authentication === "none" || clientSecret === undefined
        ? {}
        : { clientSecret, clientAuthentication: authentication }),
      userAgent: "ellipsis-oauth-doctor",
      fetch: transcript.fetch,
    })
    clients.push(client)
    return client
  }
  const baseUrl = baseUrlOf(
    open({ encoding: "form", authentication: "none", codeParameter: "authorization_code" }),
  )
  const habits: ServerHabits = {
    format: "ellipsis-oauth/server-habits@1",
    server: baseUrl,
    observedAt: new Date().toISOString(),
    notes: [],
  }
  try {
    await examine(task, { profile, clientSecret, timeout, open, transcript, habits })
  } finally {
    for (const client of clients) await client.close()
    report(folder, habits, transcript)
  }
}

/** Called before the login. @throws CommandError for a folder that cannot be written to */
const prepareFolder = (folder: string): string => {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    return folder
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown error"
    throw new CommandError(
      "configuration",
      `The folder ${JSON.stringify(folder)} cannot be written to (${code}). Choose another folder with --output.`,
    )
  }
}

const report = (folder: string, habits: ServerHabits, transcript: Transcript): void => {
  const habitsFile = join(folder, "ellipsis-oauth-habits.json")
  const transcriptFile = join(folder, "ellipsis-oauth-transcript.txt")
  writeFileSync(habitsFile, `${JSON.stringify(habits, null, 2)}\n`)
  const text = `# Token requests to ${habits.server}, ${habits.observedAt}. Without secrets.\n\n${transcript}`
  writeFileSync(transcriptFile, text)
  print(`Behaviour of ${habits.server}:

${describeHabits(habits)}

Options for an app:

  ${describeOptions(habits, ellipsisDriveBaseUrl)}
`)
  say(
    `The findings are in ${habitsFile}. A mock server that behaves the same: npx @ellipsis-oauth/mock-server --like ${habitsFile}. The requests are in ${transcriptFile}, without secrets. No token was stored.`,
  )
}
