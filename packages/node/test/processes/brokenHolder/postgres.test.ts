import { describeBrokenHolder } from "../brokenHolder.js"

describeBrokenHolder("Postgres")
