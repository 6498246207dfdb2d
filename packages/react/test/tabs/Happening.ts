import type { BrowserTokenClientOptions } from "../../src/index.js"

/** What a page is told. */
export interface Setup {
  readonly baseUrl: string
  readonly origin: string
  readonly options: Pick<BrowserTokenClientOptions, "storage" | "persistRefreshToken">
}

/** What a page reports. */
export type Happening =
  | { readonly type: "state"; readonly status: string }
  | { readonly type: "event"; readonly event: string; readonly reason?: string; readonly error?: string }
  | { readonly type: "message" }
  | { readonly type: "refreshSent" | "refreshReceived"; readonly refreshToken: string }
  | { readonly type: "fault"; readonly message: string }
