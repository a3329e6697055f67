-- Argo CD runs this without Lua's string library.
local status = obj.status or {}
local rollout = obj.spec.rollout or {}
local candidate = status.canaryRevision or status.latestCreatedRevision
local waits = candidate ~= nil and candidate ~= status.stableRevision
local failed = false
for _, entry in ipairs(status.failedRevisions or {}) do
  if entry.revision == status.latestCreatedRevision then
    failed = true
  end
end

local actions = {}
actions["promote"] = { ["disabled"] = not waits or failed or obj.spec.revisionName ~= nil }
actions["abort"] = { ["disabled"] = not waits or failed }
actions["retry"] = { ["disabled"] = not failed and rollout.abort == nil }
actions["pause"] = { ["disabled"] = rollout.paused == true }
actions["resume"] = { ["disabled"] = rollout.paused ~= true }
return actions
