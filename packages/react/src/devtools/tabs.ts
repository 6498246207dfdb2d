/** The tabs of this origin that have the panel open, and how their tokens are: told over a channel, without a token. */
import type { TokenState } from "@ellipsis-oauth/core"

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
 * Reports this tab, and tells of the others, until the returned function is called. A tab that was killed is missed
 * at the next change of any: it then no longer has the lock by which the living are known.
 */
export const watchTabs = (
  status: () => TokenState["status"],
  subscribe: (listener: () => void) => () => void,
  onTabs: (tabs: readonly TabReport[]) => void,
): (() => void) => {
  if (typeof BroadcastChannel === "undefined") return () => {}
  const id = Math.random().toString(36).slice(2)
  const tabs = new Map<string, TabReport>()
  const channel = new BroadcastChannel(channelName)
  const ending = new AbortController()

  const post = (message: Message) => channel.postMessage(message)
  const tell = async () => {
    const alive = await livingTabs()
    for (const other of tabs.keys()) {
      if (other !== id && alive !== undefined && !alive.has(other)) tabs.delete(other)
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
    post({ type: "report", report: own })
    void tell()
  }
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "who") return report()
    if (data.type === "report") tabs.set(data.report.id, data.report)
    else tabs.delete(data.id)
    void tell()
  }
  const unsubscribe = subscribe(report)
  document.addEventListener("visibilitychange", report)
  const begin = () => {
    report()
    post({ type: "who" })
  }
  // Not before it has the lock: the others would take it for dead.
  void holdLock(`${channelName} ${id}`, ending.signal, begin)
  return () => {
    unsubscribe()
    document.removeEventListener("visibilitychange", report)
    post({ type: "gone", id })
    channel.close()
    ending.abort()
  }
}

/** Holds a lock until the signal aborts, or the tab is gone. */
const holdLock = async (name: string, signal: AbortSignal, onHeld: () => void): Promise<void> => {
  const hold = () =>
    new Promise<void>((release) => {
      if (signal.aborted) return release()
      signal.addEventListener("abort", () => release(), { once: true })
      onHeld()
    })
  try {
    await (navigator.locks?.request(name, hold) ?? hold())
  } catch {
    // A page that may not use locks is known by its word alone.
    await hold()
  }
}

/** The ids of the tabs that hold their lock; `undefined` where the browser has no locks. */
const livingTabs = async (): Promise<ReadonlySet<string> | undefined> => {
  const { held = [] } = (await navigator.locks?.query().catch(() => undefined)) ?? {}
  const names = held.flatMap(({ name = "" }) => (name.startsWith(channelName) ? [name] : []))
  return names.length === 0 ? undefined : new Set(names.map((name) => name.slice(channelName.length + 1)))
}
