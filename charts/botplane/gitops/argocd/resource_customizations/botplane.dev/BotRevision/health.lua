-- Argo CD runs this without Lua's string library.
local hs = { status = "Progressing", message = "Waiting for the operator" }
if obj.status == nil or obj.status.conditions == nil then
  return hs
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    return { status = "Degraded", message = condition.reason .. ": " .. (condition.message or "") }
  end
  if condition.type == "Ready" then
    hs.message = condition.reason
    if condition.status == "True" then
      hs.status = "Healthy"
    end
  end
end
return hs
