import { describe, expect, it } from "vitest"
import { type MswOptions, mswHandlers } from "../src/msw.js"
import { describeMsw } from "./mswSuite.js"
import { stillServer } from "./tokens.js"

describeMsw("3")

describe("mswHandlers", () => {
  it.each([
    [{ baseUrl: "/v3" }],
    [{ baseUrl: "ftp://localhost/v3" }],
    [{ baseUrl: "https://localhost/v3?x" }],
    [{ baseUrl: 1 }],
    [{ url: "https://localhost/v3" }],
  ])("refuses %j", (options) => {
    expect(() => mswHandlers(stillServer(), options as MswOptions)).toThrow(
      /^Option "mswHandlers\.(baseUrl" must be|url" is not known)/,
    )
  })
})
