/** `doctor`: with one login, tells how a server behaves where no document says it. Keeps no token. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  createTokenClient,
  ellipsisDrive,
  ellipsisDriveBaseUrl,
  isTokenError,
  type TokenClient,
} from "@ellipsis-oauth/node"
import { logInByBrowser, requirePerson } from "./browserLogin.js"
import { readDuration } from "./duration.js"
import type { Profile } from "./Profile.js"
import { baseUrlOf } from "./profileClient.js"
import { planProfile } from "./profilePlan.js"
import { proxyFetch } from "./proxy.js"
import {
  describeHabits,
  describeOptions,
  errorBodyOf,
  isUnderstood,
  readTokenResponse,
  type ServerHabits,
} from "./ServerHabits.js"
import { print, say, type Task } from "./Task.js"
import { type Exchange, Transcript } from "./Transcript.js"

type Encoding = "form" | "json"

export const doctor = async (task: Task): Promise<void> => {
  const { line } = task
  const timeout = readDuration("--timeout", line.values.timeout ?? "5m")
  const { profile, clientSecret } = await planProfile(task)
  requirePerson(task)
  const transcript = new Transcript()
  const fetch = transcript.record(proxyFetch(process.env) ?? ((url, init) => globalThis.fetch(url, init)))
  const clients: TokenClient[] = []
  const open = (bodyEncoding: Encoding, secret: string | undefined): TokenClient => {
    const { clientId, baseUrl, clientAuthentication } = profile
    const client = createTokenClient({
      server: ellipsisDrive({ baseUrl, bodyEncoding }),
      clientId,
      ...(secret === undefined ? {} : { clientSecret: secret, clientAuthentication }),
      userAgent: "ellipsis-oauth-doctor",
      fetch,
    })
    clients.push(client)
    return client
  }
  const baseUrl = baseUrlOf(open("form", clientSecret))
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
    report(line.values.output ?? ".", habits, transcript)
  }
}

const secretNeeded =
  "A refresh without the client secret was refused. Whether a public client is allowed is seen with --client-authentication none."

interface Examination {
  readonly profile: Profile
  readonly clientSecret: string | undefined
  /** Milliseconds. */
  readonly timeout: number
  readonly open: (bodyEncoding: Encoding, clientSecret: string | undefined) => TokenClient
  readonly transcript: Transcript
  readonly habits: ServerHabits
}

const examine = async (task: Task, examination: Examination): Promise<void> => {
  const { profile, clientSecret, timeout, open, transcript, habits } = examination
  const { signal } = task
  /** One call, and what came back, whether it was granted or not. */
  const attempt = async (title: string, call: () => Promise<unknown>): Promise<Exchange | undefined> => {
    transcript.begin(title)
    try {
      await call()
    } catch (error) {
      signal.throwIfAborted()
      if (!isTokenError(error) || error._tag === "TransportError") throw error
    }
    return transcript.last
  }
  const refreshWith = (client: TokenClient, refreshToken: string) => () =>
    client.refreshToken(refreshToken, { signal })

  // A refresh token that no server has given: it costs nothing, and shows which body is read before a code is spent.
  const unknownToken = crypto.randomUUID()
  const inForm = await attempt(
    "An unknown refresh token, as a form",
    refreshWith(open("form", clientSecret), unknownToken),
  )
  if (inForm !== undefined) habits.errorBody = errorBodyOf(inForm)
  let encoding: Encoding = "form"
  if (inForm !== undefined && !isUnderstood(inForm)) {
    const inJson = await attempt(
      "An unknown refresh token, as JSON",
      refreshWith(open("json", clientSecret), unknownToken),
    )
    if (inJson !== undefined && isUnderstood(inJson)) {
      encoding = "json"
      habits.errorBody = errorBodyOf(inJson)
    }
  }

  const client = open(encoding, clientSecret)
  transcript.begin("The code of the login")
  try {
    await logInByBrowser(task, client, profile, { timeout })
  } catch (error) {
    const { json } = transcript.last ?? {}
    if (clientSecret === undefined && json?.["error"] === "invalid_client") habits.publicClients = "refused"
    throw error
  }
  habits.bodyEncoding = [encoding]
  if (transcript.last !== undefined) readTokenResponse(habits, transcript.last)
  if (clientSecret === undefined) habits.publicClients = "allowed"

  let { refreshToken } = await client.session().getToken({ signal })
  if (refreshToken === undefined) {
    habits.notes.push("The server gives no refresh token: each login ends with its access token.")
    return
  }
  /** The refresh token that counts from now on, if it was granted. */
  const refresh = async (title: string, by: TokenClient): Promise<boolean> => {
    const exchange = await attempt(title, refreshWith(by, refreshToken ?? ""))
    const next = exchange?.json?.["refresh_token"]
    const isGranted = exchange?.status === 200 && typeof exchange.json?.["access_token"] === "string"
    if (isGranted && typeof next === "string") {
      if (habits.rotation !== "always") habits.rotation = next === refreshToken ? "never" : "always"
      refreshToken = next
    } else if (isGranted) habits.rotation ??= "never"
    return isGranted
  }
  const isRefreshed = await refresh("A refresh", client)
  if (!isRefreshed) {
    habits.notes.push("The refresh token that came with the login was refused. The transcript says how.")
    return
  }
  const other = encoding === "form" ? "json" : "form"
  const title = `A refresh as ${other === "json" ? "JSON" : "a form"}`
  if (await refresh(title, open(other, clientSecret))) habits.bodyEncoding = ["form", "json"]
  // The last one: a server may end the login for it.
  if (clientSecret !== undefined) {
    const isAllowed = await refresh("A refresh without the client secret", open(encoding, undefined))
    // A refusal is about this client, which has a secret, and not about those that are registered without one.
    if (isAllowed) habits.publicClients = "allowed"
    else habits.notes.push(secretNeeded)
  }
}

const report = (folder: string, habits: ServerHabits, transcript: Transcript): void => {
  mkdirSync(folder, { recursive: true })
  const habitsFile = join(folder, "ellipsis-oauth-habits.json")
  const transcriptFile = join(folder, "ellipsis-oauth-transcript.txt")
  writeFileSync(habitsFile, `${JSON.stringify(habits, null, 2)}\n`)
  const text = `# Token requests to ${habits.server}, ${habits.observedAt}. Without secrets.\n\n${transcript}`
  writeFileSync(transcriptFile, text)
  print(`What ${habits.server} does:

${describeHabits(habits)}

Options for an app:

  ${describeOptions(habits, ellipsisDriveBaseUrl)}
`)
  say(
    `The findings are in ${habitsFile} (ellipsis-oauth-mock --like ${habitsFile} behaves alike), the requests in ${transcriptFile}, without secrets. No token was kept.`,
  )
}
