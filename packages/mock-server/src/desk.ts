/** Hands each request to whom it concerns: the provider, the remote control, or the page for people. */

import { jsonReply, type PlainReply, type PlainRequest } from "./common/message.js"
import type { News } from "./common/news.js"
import { isAllowedHost } from "./endpoints/access.js"
import { basePath, type Engine } from "./engine.js"
import type { Provider } from "./provider.js"
import type { Controls } from "./remote/controls.js"

export interface DeskOptions {
  readonly engine: Engine
  readonly provider: Provider
  readonly news: News
  readonly controls: () => Controls
  readonly origin: () => string
}

type Handle = (request: PlainRequest) => PlainReply | Promise<PlainReply>

const pagePaths = new Set(["/", "/favicon.ico", "/__page/feed"])

const wrongHost = (): PlainReply =>
  jsonReply(403, {
    message:
      "Not under this host name: a page of somewhere else could have made it up. Use localhost or an IP address, or allow the name with the option `allowedHosts` (`--allow-host`).",
  })

const switchedOff = (): PlainReply =>
  jsonReply(404, {
    message:
      "The remote control is off. Turn it on with the option `remoteControl: true`, or `--remote-control` at the command.",
  })

/** None of what is not the provider's gets into the log, or is loaded before somebody asks for it. */
export const createDesk = ({ engine, provider, news, controls, origin }: DeskOptions): Engine => {
  const { access } = provider.settings
  let remoteControl: Promise<Handle> | undefined
  let dashboard: Promise<Handle> | undefined

  const loadRemoteControl = async (): Promise<Handle> => {
    const { createRemoteControl } = await import("./remote/remote-control.js")
    return createRemoteControl({ controls: controls(), cors: provider.settings.cors, news })
  }

  const loadDashboard = async (): Promise<Handle> => {
    const { createDashboard } = await import("./pages/dashboard.js")
    return createDashboard(provider, news)
  }

  const guarded = (request: PlainRequest, handle: () => Promise<Handle>): PlainReply | Promise<PlainReply> =>
    isAllowedHost(access, request, origin()) ? handle().then((answer) => answer(request)) : wrongHost()

  return {
    handle: (request) => {
      const { target } = request
      if (target.startsWith(`${basePath}/`)) return engine.handle(request)
      if (target.startsWith("/__mock/")) {
        if (!access.remoteControl) return switchedOff()
        return guarded(request, () => (remoteControl ??= loadRemoteControl()))
      }
      const mark = target.indexOf("?")
      if (access.page && pagePaths.has(mark < 0 ? target : target.slice(0, mark))) {
        return guarded(request, () => (dashboard ??= loadDashboard()))
      }
      return engine.handle(request)
    },
  }
}
