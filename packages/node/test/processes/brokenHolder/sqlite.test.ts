import { describeBrokenHolder } from "../brokenHolder.js"

describeBrokenHolder("SQLite")
