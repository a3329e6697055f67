-- Argo CD runs this without Lua's string library.
local hs = { status = "Progressing", message = "Waiting for the operator" }
local status = obj.status
if status == nil or status.conditions == nil then
  return hs
end
if obj.metadata.generation ~= nil and status.observedGeneration ~= obj.metadata.generation then
  hs.message = "Waiting for the operator to see this generation"
  return hs
end

local found = {}
for _, condition in ipairs(status.conditions) do
  found[condition.type] = condition
end
local function is_true(name)
  return found[name] ~= nil and found[name].status == "True"
end
local function because(name)
  local condition = found[name]
  if condition.message ~= nil and condition.message ~= "" then
    return condition.reason .. ": " .. condition.message
  end
  return condition.reason
end

if is_true("Stalled") then
  hs.status = "Degraded"
  hs.message = because("Stalled")
elseif obj.spec.suspend == true then
  hs.status = "Suspended"
  hs.message = "spec.suspend is set"
elseif is_true("RolloutFailed") then
  -- The stable revision serves; Git still asks for the one that failed.
  hs.status = "Degraded"
  hs.message = because("RolloutFailed")
elseif is_true("RolloutPaused") then
  hs.status = "Suspended"
  hs.message = because("RolloutPaused")
elseif is_true("Ready") then
  hs.status = "Healthy"
  hs.message = because("Ready")
elseif found["Ready"] ~= nil then
  hs.message = because("Ready")
end
return hs
