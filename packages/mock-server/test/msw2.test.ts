import { vi } from "vitest"
import { describeMsw } from "./mswSuite.js"

vi.mock("msw", () => import("msw-2"))
vi.mock("msw/node", () => import("msw-2/node"))

describeMsw("2")
