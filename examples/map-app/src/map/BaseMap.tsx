import { transformRequestAsync, useTokenClient } from "@ellipsis-oauth/react"
import { Map as MapLibreMap, setWorkerUrl } from "maplibre-gl"
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url"
import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useRef, useState } from "react"
import "maplibre-gl/dist/maplibre-gl.css"
import type { Theme } from "../useTheme.js"
import { basemap, paint } from "./basemap.js"

// MapLibre looks for its worker beside itself, where a bundler leaves none.
setWorkerUrl(workerUrl)

const MapContext = createContext<MapLibreMap | undefined>(undefined)

/** The map that the component is on. */
export const useMap = (): MapLibreMap => {
  const map = useContext(MapContext)
  if (map === undefined) throw new Error("There is no <BaseMap> above this component.")
  return map
}

export interface BaseMapProps {
  readonly theme: Theme
  /** Rendered as soon as the map can take layers. */
  readonly children: ReactNode
}

/** Made once: neither a login nor a refresh touches it. Each request waits for a valid token. */
export const BaseMap = ({ theme, children }: BaseMapProps) => {
  const client = useTokenClient()
  const container = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<MapLibreMap>()
  const style = useEffectEvent(() => basemap(theme))

  useEffect(() => {
    let made: MapLibreMap | undefined
    let isGone = false
    const make = async () => {
      const loaded = await style()
      if (isGone || container.current === null) return
      made = new MapLibreMap({
        container: container.current,
        style: loaded,
        center: [-5, 51.5],
        zoom: 3.3,
        minZoom: 2,
        maxZoom: 8,
        attributionControl: false,
        transformRequest: transformRequestAsync(client),
      })
      made.once("style.load", () => setMap(made))
      const busy = (isBusy: boolean) => () => container.current?.setAttribute("aria-busy", String(isBusy))
      made.on("dataloading", busy(true))
      made.on("idle", busy(false))
    }
    void make()
    return () => {
      isGone = true
      setMap(undefined)
      made?.remove()
    }
  }, [client])

  useEffect(() => {
    if (map !== undefined) paint(map, theme)
  }, [map, theme])

  return (
    <>
      <div ref={container} className="map" />
      {map !== undefined && <MapContext value={map}>{children}</MapContext>}
    </>
  )
}
