-- All traffic back; the template is not tried again until retry changes.
local status = obj.status or {}
obj.spec.rollout = obj.spec.rollout or {}
obj.spec.rollout.abort = status.canaryRevision or status.latestCreatedRevision
obj.spec.rollout.promote = nil
return obj
