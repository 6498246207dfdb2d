/** What the pages give to the rows. */
interface Window {
  readonly peer: Readonly<Partial<Record<import("./Visit.ts").Call, () => unknown>>>
  readonly localStorage: unknown
  readonly sessionStorage: unknown
  readonly counts: { readonly mounts: number; readonly renders: number }
}

declare const window: Window

declare const document: {
  querySelector(selector: string): { readonly textContent: string | null } | null
}

declare const location: { readonly pathname: string; readonly search: string }
