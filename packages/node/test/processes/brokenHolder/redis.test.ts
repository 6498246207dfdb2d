import { describeBrokenHolder } from "../brokenHolder.js"

describeBrokenHolder("Redis")
