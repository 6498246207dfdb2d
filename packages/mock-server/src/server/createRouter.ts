/** Routes each request to the provider, the remote control, or the dashboard. */

import { type Access, isAllowedHost } from "../protocol/Access.js"
import { jsonResponse, type PlainRequest, type PlainResponse } from "../protocol/Message.js"
import { basePath, type Engine } from "./Engine.js"

export type Handle = (request: PlainRequest) => Promise<PlainResponse>

export interface RouterOptions {
  readonly engine: Engine
  readonly access: Access
  readonly origin: () => string
  /** Both are loaded at their first request. Their requests are not in the log. */
  readonly loadRemoteControl: () => Promise<Handle>
  readonly loadDashboard: () => Promise<Handle>
}

const wrongHost = (): PlainResponse =>
  jsonResponse(403, {
    message:
      "This host name is not allowed. Use localhost or an IP address, or allow the name with the option `allowedHosts` (`--allow-host`).",
  })

const remoteControlOff = (): PlainResponse =>
  jsonResponse(404, {
    message:
      "The remote control is off. Turn it on with the option `remoteControl: true`, or the flag `--remote-control`.",
  })

const isPagePath = (path: string): boolean =>
  path === "/" || path === "/favicon.ico" || path.startsWith("/__page/")

export const createRouter = (options: RouterOptions): Engine => {
  const { engine, access, origin } = options
  let remoteControl: Promise<Handle> | undefined
  let dashboard: Promise<Handle> | undefined

  const guarded = async (request: PlainRequest, load: () => Promise<Handle>): Promise<PlainResponse> =>
    isAllowedHost(access, request, origin()) ? (await load())(request) : wrongHost()

  return {
    handle: (request) => {
      const [path = ""] = request.target.split("?", 1)
      if (path.startsWith(`${basePath}/`)) return engine.handle(request)
      if (path.startsWith("/__mock/")) {
        if (!access.remoteControl) return remoteControlOff()
        return guarded(request, () => {
          remoteControl ??= options.loadRemoteControl()
          return remoteControl
        })
      }
      if (access.page && isPagePath(path)) {
        return guarded(request, () => {
          dashboard ??= options.loadDashboard()
          return dashboard
        })
      }
      return engine.handle(request)
    },
  }
}
