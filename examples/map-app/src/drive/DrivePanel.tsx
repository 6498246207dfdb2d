import { isSignedIn, useToken, useTokenActions, useTokenClient } from "@ellipsis-oauth/react"
import { EllipsisApi, type Path } from "ellipsis-js-util"
import { DrivePicker, openPicker } from "example-drive-layers"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { useMapSources } from "../MapSources.js"
import { userMessage } from "../userMessage.js"
import { DriveLayer } from "./DriveLayer.js"

export interface DrivePanelProps {
  readonly popup: boolean
}

/** The user's drive, and the layer of it that is on the map. */
export const DrivePanel = ({ popup }: DrivePanelProps) => {
  const client = useTokenClient()
  const { login } = useTokenActions()
  const { drive } = useMapSources()
  const hasUser = useToken(isSignedIn)
  const container = useRef<HTMLDivElement>(null)
  const [isOpen, setIsOpen] = useState(() => matchMedia("(min-width: 960px)").matches)
  const [picked, setPicked] = useState<Path>()
  const [failure, setFailure] = useState<string>()
  const layer = hasUser ? picked : undefined

  const onLogInClick = useEffectEvent(() => {
    setFailure(undefined)
    setPicked(undefined)
    login(popup ? { method: "popup" } : {}).catch((error: Error) => setFailure(userMessage(error)))
  })
  useEffect(() => {
    const div = container.current
    if (div === null) return
    EllipsisApi.setApiUrl(drive)
    return openPicker({
      client,
      Picker: DrivePicker,
      div,
      cb: setPicked,
      onLogInClick: () => onLogInClick(),
    })
  }, [client, drive])

  return (
    <details className="card drive" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Your drive</summary>
      {layer !== undefined && (
        <p className="picked">
          <span>
            On the map: <strong>{layer.name}</strong>
          </span>
          <button type="button" onClick={() => setPicked(undefined)}>
            Remove
          </button>
        </p>
      )}
      {layer !== undefined && <DriveLayer key={layer.id} layer={layer} />}
      {failure !== undefined && (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
      <div ref={container} />
    </details>
  )
}
