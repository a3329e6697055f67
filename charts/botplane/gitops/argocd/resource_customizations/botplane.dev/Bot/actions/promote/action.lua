-- All traffic to the revision that waits.
local status = obj.status or {}
obj.spec.rollout = obj.spec.rollout or {}
obj.spec.rollout.promote = { revision = status.canaryRevision or status.latestCreatedRevision }
obj.spec.rollout.abort = nil
return obj
