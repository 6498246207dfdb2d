import { TokenGate } from "@ellipsis-oauth/react"
import { lazy, Suspense, useState } from "react"
import { DrivePanel } from "./drive/DrivePanel.js"
import { Header } from "./Header.js"
import { BaseMap } from "./map/BaseMap.js"
import { TemperatureLayer } from "./map/TemperatureLayer.js"
import { OfflineNotice } from "./OfflineNotice.js"
import { SignIn } from "./SignIn.js"
import { StationList } from "./StationList.js"
import { useTheme } from "./useTheme.js"

const TokenDevtools = lazy(async () => {
  const { TokenDevtools } = await import("@ellipsis-oauth/react/devtools")
  return { default: TokenDevtools }
})

export interface AppProps {
  readonly way: string
  readonly popup: boolean
}

export const App = ({ way, popup }: AppProps) => {
  const [theme, toggleTheme] = useTheme()
  const [hasDevtools, setHasDevtools] = useState(false)
  return (
    <>
      <Header
        way={way}
        theme={theme}
        onTheme={toggleTheme}
        hasDevtools={hasDevtools}
        onDevtools={() => setHasDevtools(!hasDevtools)}
      />
      <OfflineNotice />
      <main>
        <BaseMap theme={theme}>
          <TokenGate
            fallback={<p className="card restoring">One moment…</p>}
            signedOut={(state) => <SignIn state={state} popup={popup} />}
          >
            <div className="card layer">
              <TemperatureLayer />
              <StationList />
            </div>
          </TokenGate>
          <DrivePanel popup={popup} />
        </BaseMap>
      </main>
      {hasDevtools && (
        <Suspense>
          <TokenDevtools initiallyOpen />
        </Suspense>
      )}
    </>
  )
}
