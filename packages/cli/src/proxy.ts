/** Requests through a proxy, which is set by the same variables as for curl. Node.js 22 does not read them by itself. */
import { CommandError } from "./CommandError.js"
import type { PageFetch } from "./Transcript.js"

type Environment = Readonly<Record<string, string | undefined>>

interface Proxy {
  readonly variable: string
  readonly url: string
}

/** The first variable that is set. @throws CommandError for an invalid value, without showing it */
const findProxy = (env: Environment, ...names: readonly string[]): Proxy | undefined => {
  const variable = names.find((name) => (env[name] ?? "").trim() !== "")
  if (variable === undefined) return undefined
  const value = (env[variable] ?? "").trim()
  const url = value.includes("://") ? value : `http://${value}`
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { variable, url }
  throw new CommandError(
    "configuration",
    `$${variable} must be the http: or https: URL of a proxy, such as http://proxy.example:3128.`,
  )
}

const findProxies = (env: Environment) => ({
  http: findProxy(env, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"),
  https: findProxy(env, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
})

/** The variables that name the proxies in use. */
export const proxyVariables = (env: Environment): readonly string[] => {
  const { http, https } = findProxies(env)
  return [...new Set([https, http].flatMap((proxy) => (proxy === undefined ? [] : [`$${proxy.variable}`])))]
}

/** `undefined` if no variable sets a proxy: the platform's own `fetch` then starts faster. @throws CommandError */
export const proxyFetch = (env: Environment): PageFetch | undefined => {
  const { http, https } = findProxies(env)
  if (http === undefined && https === undefined) return undefined
  const load = async () => {
    const { EnvHttpProxyAgent, fetch } = await import("undici")
    const dispatcher = new EnvHttpProxyAgent({
      httpProxy: http?.url ?? "",
      httpsProxy: https?.url ?? "",
      noProxy: env["no_proxy"] ?? env["NO_PROXY"] ?? "",
    })
    return (url: string, init: Parameters<PageFetch>[1]) => fetch(url, { ...init, dispatcher })
  }
  let loaded: ReturnType<typeof load> | undefined
  return async (url, init) => {
    loaded ??= load()
    return (await loaded)(url, init)
  }
}
