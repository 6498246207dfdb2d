/** A signed-in browser, as small as it can be: one cookie, and a POST to whichever process a load balancer picks. */
import { once } from "node:events"
import { type Agent, type IncomingMessage, request } from "node:http"
import type { MockServer } from "@ellipsis-oauth/mock-server"

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface Sender {
  readonly agent: Agent
  readonly port: number
}

/** Rejects where the process is gone, or goes away while it responds. */
export const send = async (
  { agent, port }: Sender,
  method: "GET" | "POST",
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> => {
  const sent = request({ agent, host: "127.0.0.1", port, method, path, headers, timeout: 30_000 })
  sent.on("timeout", () => sent.destroy(new Error("no answer in 30 seconds")))
  // An error that comes once the response has begun shows in the response.
  sent.on("error", () => {})
  sent.end()
  const [reply] = (await once(sent, "response")) as [IncomingMessage]
  let body = ""
  for await (const chunk of reply) body += chunk
  return { status: reply.statusCode ?? 0, headers: reply.headers, body }
}

const cookieOf = ({ headers }: Answer, kind: string): string =>
  headers["set-cookie"]?.find((cookie) => cookie.includes(kind))?.split(";")[0] ?? ""

/** Logs in through the routes, and gives the session's cookie. */
export const logIn = async (sender: Sender, provider: MockServer): Promise<string> => {
  const login = await send(sender, "GET", "/auth/login", {})
  const approved = await provider.fetch(login.headers.location ?? "", { redirect: "manual" })
  const { pathname, search } = new URL(approved.headers.get("location") ?? "")
  const callback = await send(sender, "GET", pathname + search, { cookie: cookieOf(login, "-login-") })
  const cookie = cookieOf(callback, "-session")
  if (callback.status !== 303 || cookie === "")
    throw new Error(`no login: ${callback.status} ${callback.body}`)
  return cookie
}
