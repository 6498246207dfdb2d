/** The remote control as a test in any language would use it: plain fetch, JSON in and out. */
import { createMockServer, type MockServerOptions } from "../src/index.js"

export const remoteServer = (options?: MockServerOptions) =>
  createMockServer({ now: Date.UTC(2026, 0, 1), seed: "test", remoteControl: true, ...options }).listen()

export interface RemoteReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

const reply = async (response: Response): Promise<RemoteReply> => ({
  status: response.status,
  headers: response.headers,
  body: (await response.json()) as RemoteReply["body"],
})

export const remoteUrl = ({ url }: { readonly url: string }, name: string) =>
  new URL(`/__mock/${name}`, url).href

export const get = async (
  server: { readonly url: string },
  name: string,
  headers: Record<string, string> = {},
) => reply(await fetch(remoteUrl(server, name), { headers }))

export const call = async (
  server: { readonly url: string },
  name: string,
  input: unknown = {},
  headers: Record<string, string> = {},
) =>
  reply(
    await fetch(remoteUrl(server, name), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(input),
    }),
  )
