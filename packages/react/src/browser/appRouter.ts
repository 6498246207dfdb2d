/** Goes to a URL of the app after a login, with the app's own router. */
import type { MountOptions } from "../client/TokenProviderClient.js"

export interface AppRouter {
  goTo(url: string): void
  /** Uses the `navigate` of a provider, until the returned function is called. That of the last provider counts. */
  use(options: MountOptions | undefined): () => void
}

/** @param settings the `navigate` of the client, which comes before those of the providers */
export const appRouter = (settings: MountOptions): AppRouter => {
  let providers: readonly MountOptions[] = []
  return {
    goTo: (url) => {
      const [navigate = replaceUrl] = [settings, ...providers].flatMap((options) => options.navigate ?? [])
      navigate(url)
    },
    use: (options) => {
      const own = { ...options }
      providers = [own, ...providers]
      return () => {
        providers = providers.filter((other) => other !== own)
      }
    },
  }
}

/** Without a page load, which would lose a token in memory. Both events let the router show the new URL, as the back button does. */
const replaceUrl = (newURL: string): void => {
  const { href: oldURL, hash } = location
  history.replaceState(null, "", newURL)
  dispatchEvent(new PopStateEvent("popstate", { state: null }))
  if (location.hash !== hash) dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL }))
}
