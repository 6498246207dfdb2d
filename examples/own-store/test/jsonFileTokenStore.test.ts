import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import { test } from "vitest"
import { jsonFileTokenStore } from "../src/jsonFileTokenStore.js"

const store = jsonFileTokenStore(join(mkdtempSync(join(tmpdir(), "own-store-")), "tokens.json"))

testTokenStore({ test, open: () => store })
