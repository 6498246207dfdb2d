import type { NextConfig } from "next"

export default {
  webpack: (config) => {
    // In this repository the packages are used as they are in their folders, unbuilt. An app needs none of this.
    config.resolve.conditionNames = ["@ellipsis-oauth/source", "..."]
    config.resolve.extensionAlias = { ".js": [".ts", ".tsx", ".js"] }
    return config
  },
} satisfies NextConfig
