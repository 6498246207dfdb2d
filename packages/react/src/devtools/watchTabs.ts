/** The tabs of this origin that have the panel open, with the state of their tokens. Tabs report over a channel. */
import type { TokenState } from "@ellipsis-oauth/core/promise"
import { tabChannel } from "../page/tabChannel.js"
import { heldLocks, tryLock } from "../page/tabLocks.js"

export interface TabReport {
  readonly id: string
  readonly title: string
  readonly status: TokenState["status"]
  readonly isVisible: boolean
}

type Message =
  | { readonly type: "report"; readonly report: TabReport }
  | { readonly type: "who" }
  | { readonly type: "gone"; readonly id: string }

const channelName = "ellipsis-oauth devtools"

/**
 * Reports this tab and lists the others, until the returned function is called. Each open tab holds a lock. A tab that
 * was killed has lost it, and disappears at the next change in any tab.
 */
export const watchTabs = (
  status: () => TokenState["status"],
  subscribe: (listener: () => void) => () => void,
  onTabs: (tabs: readonly TabReport[]) => void,
): (() => void) => {
  const id = Math.random().toString(36).slice(2)
  const tabs = new Map<string, TabReport>()
  const lockPrefix = `${channelName} `

  const publish = async () => {
    const open = await heldLocks(lockPrefix)
    for (const other of tabs.keys()) {
      // Without locks, only the reports of a tab show that it is open.
      if (other !== id && open.length > 0 && !open.includes(other)) tabs.delete(other)
    }
    onTabs([...tabs.values()])
  }
  const report = () => {
    const own: TabReport = {
      id,
      title: document.title,
      status: status(),
      isVisible: document.visibilityState === "visible",
    }
    tabs.set(id, own)
    channel.post({ type: "report", report: own })
    void publish()
  }
  const channel = tabChannel<Message>({
    name: channelName,
    onMessage: (message) => {
      if (message.type === "who") return report()
      if (message.type === "report" && isReport(message.report)) tabs.set(message.report.id, message.report)
      if (message.type === "gone") tabs.delete(message.id)
      void publish()
    },
  })
  const close = channel.open()
  const unsubscribe = subscribe(report)
  document.addEventListener("visibilitychange", report)
  let isStopped = false
  const lock = tryLock(lockPrefix + id).then((unlock) => {
    // Not before it has the lock, because other tabs would consider it killed.
    if (!isStopped) {
      report()
      channel.post({ type: "who" })
    }
    return unlock
  })
  return () => {
    isStopped = true
    unsubscribe()
    document.removeEventListener("visibilitychange", report)
    channel.post({ type: "gone", id })
    close()
    void lock.then((unlock) => unlock?.())
  }
}

/** A tab with another version of this library may report anything. */
const isReport = (report: Partial<TabReport> | undefined): boolean =>
  typeof report?.id === "string" && typeof report.title === "string" && typeof report.status === "string"
